import { onRequest } from '../lib/network';
import { record } from '../lib/recorder';
import { urlOf } from '../lib/route';
import type { Capture } from '../types';

/** Records requests that failed: no answer, or a status of 400 or more. */
export function requests(): Capture {
  return () =>
    onRequest((method, url) => (status, dur) => {
      if (!status || status >= 400) record('request', { method, url: urlOf(url), status, dur });
    });
}
