import { listen } from '../lib/attach';
import { now, since } from '../lib/clock';
import { record } from '../lib/recorder';
import { urlOf } from '../lib/route';
import { scrub } from '../lib/scrub';
import type { Capture } from '../types';

/** An error in an animation loop must not fill the queue: of the same in a row, one in so many ms is recorded. */
const APART = 250;

/** The topmost script in a stack, in the notation of Chrome, Firefox or Safari. */
const SCRIPT = /\w+:\/\/[^\s)]+?(?=:\d)/;

/** Records uncaught errors and unhandled rejections, in groups: type, scrubbed message and script. */
export function errors(): Capture {
  return () => {
    let latest: string;
    let latestAt = 0;

    listen(
      'error unhandledrejection',
      (event: ErrorEvent & PromiseRejectionEvent) => {
        // Images and scripts that fail to load end here too, with an element as target.
        if (event.target !== window) return;
        // What is thrown may be anything. Of what is no error, only its type is told.
        const thrown: unknown = event.error ?? event.reason;
        const { name = typeof thrown, message = '', stack } = (thrown ?? {}) as Partial<Error>;
        const text = scrub(`${name}: ${message}`, 200);
        const script = event.filename || SCRIPT.exec(stack as string)?.[0];
        const source = script && urlOf(script);

        if (text === latest && since(latestAt) < APART) return;
        latest = text;
        latestAt = now();
        record('error', { kind: event.type === 'error' ? event.type : 'rejection', message: text, source });
      },
      window,
    );
  };
}
