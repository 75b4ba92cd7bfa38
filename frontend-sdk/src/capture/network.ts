import { onRequest } from '../lib/network';
import { record } from '../lib/recorder';
import { urlOf } from '../lib/route';
import type { Capture } from '../types';

/** Records requests that failed: no answer, or a status of 400 or more. */
export function requests(): Capture {
  return () =>
    onRequest((method, href) => (status, dur) => {
      const url = urlOf(href);
      // What was asked for at no address was never sent.
      if (url && (!status || status >= 400)) record('request', { method, url, status, dur });
    });
}
