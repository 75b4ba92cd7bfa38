import { clicks } from './capture/click';
import { errors } from './capture/error';
import { forms } from './capture/form';
import { navigation } from './capture/nav';
import { requests } from './capture/network';
import type { Capture } from './types';

/** Everything there is to record. */
export function preset(): Capture[] {
  return [navigation(), clicks(), forms(), errors(), requests()];
}
