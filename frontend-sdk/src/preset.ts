import { clicks } from './capture/click';
import { copies } from './capture/copy';
import { errors } from './capture/error';
import { forms } from './capture/form';
import { navigation } from './capture/nav';
import { requests } from './capture/network';
import { pointers } from './capture/pointer';
import { scrolls } from './capture/scroll';
import { vitals } from './capture/vital';
import { zooms } from './capture/zoom';
import type { Capture } from './types';

/** Everything there is to record. What is left for a request is told before the leaving. */
export function preset(): Capture[] {
  return [requests(), navigation(), clicks(), forms(), errors(), scrolls(), pointers(), zooms(), copies(), vitals()];
}
