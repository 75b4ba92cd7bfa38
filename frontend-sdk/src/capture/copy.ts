import { listen } from '../lib/attach';
import { described } from '../lib/element';
import { closest } from '../lib/mask';
import { record } from '../lib/recorder';
import { changedAgo } from '../lib/response';
import type { Capture } from '../types';

/** What a page tells its users by. */
const REGION = '[role=alert],[role=status],[role=log],[aria-live]';

/** Records that text was copied out of a region in which the page tells of errors and states; never the text. */
export function copies(): Capture {
  return () =>
    listen('copy', ({ target }) => {
      const region = closest(target, REGION);
      const el = region && described(region);
      if (el) record('copy', { el, age: changedAgo(target) });
    });
}
