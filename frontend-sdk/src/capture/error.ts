import { now } from '../lib/clock';
import { hash } from '../lib/hash';
import { urlOf } from '../lib/route';
import { scrubMessage } from '../lib/scrub';
import type { Capture } from '../types';

/** An error in an animation loop must not fill the queue: so many of one group (2nd number: per ms) are recorded. */
const MAX_OF_GROUP = 5;
const WITHIN = 10_000;

/** The path of the topmost script in a stack, in the notation of Chrome, Firefox or Safari. */
function topOf(stack: string): string | undefined {
  return /(?:https?|file):\/\/[^\s)]+?(?=:\d+)/.exec(stack)?.[0];
}

/** Records uncaught errors and unhandled rejections, in groups: type, scrubbed message and script. */
export function errors(): Capture {
  return (recorder) => {
    const times = new Map<string, number[]>();

    recorder.listen(window, 'error unhandledrejection', (event: ErrorEvent & PromiseRejectionEvent) => {
      // Images and scripts that fail to load end here too, with an element as target.
      if (event.target !== window) return;
      const rejection = event.type !== 'error';
      const thrown: unknown = rejection ? event.reason : event.error;
      const {
        name,
        message = thrown === undefined || rejection ? String(thrown) : '',
        stack = '',
      } = thrown instanceof Error ? thrown : ({ name: typeof thrown } as Partial<Error>);
      const text = scrubMessage(thrown instanceof Error ? `${name}: ${message}` : event.message || message);
      const script = event.filename || topOf(stack);
      const source = script && urlOf(script);
      const group = hash([name, text, source].join()).toString(36);

      const recent = (times.get(group) ?? []).filter((time) => now() - time < WITHIN);
      if (recent.length >= MAX_OF_GROUP) return;
      if (times.size > 100) times.clear();
      times.set(group, [...recent, now()]);
      recorder.record('error', {
        kind: rejection ? 'rejection' : 'error',
        group,
        message: text,
        ...(source && { source }),
      });
    });
  };
}
