import { everywhere, listen } from '../lib/attach';
import { now, since } from '../lib/clock';
import { quietly } from '../lib/quietly';
import { record } from '../lib/recorder';
import { isTyping } from '../lib/response';
import { urlOf } from '../lib/route';
import { scrub } from '../lib/scrub';
import type { Capture } from '../types';
import type { WireEvent } from '../wire';

/** An error in an animation loop must not fill the queue: of the same in a row, one in so many ms is recorded. */
const APART = 250;

/**
 * The topmost script in a stack, in the notation of Chrome, Firefox or Safari. Some begin with the message, which may hold a URL.
 * Not one that is there because it has patched what the page called, as we have: then it is called `apply`.
 */
const SCRIPT = /^(?: +at (?!Object\.apply).*?|(?!apply@).*@)(\w+:\/\/[^\s)]+?)(?::\d+){2}\)?$/m;
/** A stack is looked at so far (characters). */
const STACK = 3000;

/** Of those that follow keys, so many are told until something is pressed: one for each key would tell how much was typed. */
const MOST_TYPED = 3;
/** What parsers quote of what they were given, after a colon or a line break. */
const QUOTED = /((?:inval|\bun\w|\bno)\w* [^:]*:|\n).*/is;

/** Errors that are nobody's fault, as a content blocker has stopped what failed. */
export const excused: WeakSet<object> = /* @__PURE__ */ new WeakSet();

let latest: string;
let latestAt = 0;
let typed = 0;

/**
 * Records what was thrown. Of what is no error, which may be anything, only its type is told. Of an error in another site's script that
 * was not asked for by CORS, browsers tell nothing but "Script error.": it is null.
 */
function thrown(error: unknown, kind: WireEvent['kind'], filename?: string): void {
  const { name, message, stack } = (error ?? {}) as Partial<Error>;
  // Some of the browser's own have no stack.
  const text = scrub(
    stack || error instanceof DOMException
      ? `${name}: ${message}`.replace(QUOTED, '$1')
      : error === null
        ? 'Script error'
        : typeof error,
    200,
  );
  const script = SCRIPT.exec(`${stack}`.slice(0, STACK))?.[1] || filename;

  // What the user's own browser extension does is none of the page's.
  if (/extension:/.test(script as string) || (text === latest && since(latestAt) < APART)) return;
  if (isTyping() && typed++ >= MOST_TYPED) return;
  latest = text;
  latestAt = now();
  record('error', { kind, message: text, source: script ? urlOf(script) : undefined });
}

/** Records uncaught errors and unhandled rejections, in groups: type, scrubbed message and script. */
export function errors(): Capture {
  return () => {
    listen('pointerdown', () => {
      typed = 0;
    });
    everywhere((realm) => {
      listen(
        'error unhandledrejection',
        (event: ErrorEvent & PromiseRejectionEvent) => {
          // Images and scripts that fail to load end here too, with an element as target.
          if (event.target !== realm) return;
          // Browsers tell so that some layout was put off to the next frame, where no harm is done.
          if (/^ResizeObs/.test(event.message)) return;
          const error = event.reason ?? event.error;
          // Nor where the page has given up what it waited for, such as a search for what is typed on, or where Vue's router goes elsewhere.
          if (error?.name === 'AbortError' || error?._isRouter || excused.has(error)) return;
          thrown(error, event.type === 'error' ? event.type : 'rejection', event.filename);
        },
        realm,
      );
    });
  };
}

/** Records an error that never reaches the page, because the app or its framework catches it. */
export const report: (error: unknown) => void = quietly((error) => thrown(error, 'error'));
