import { watchRequests } from '../lib/network';
import { urlOf } from '../lib/route';
import type { Capture } from '../types';

/** Records requests that failed: no answer, or a status of 400 or more. */
export function requests(): Capture {
  return (recorder) => {
    recorder.use(watchRequests).push((method, url) => (status, dur) => {
      if (!status || status >= 400) recorder.record('request', { method, url: urlOf(url), status, dur });
    });
  };
}
