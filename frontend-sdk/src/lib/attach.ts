import { watchPasswords, watchPasswordsNoMore } from './mask';
import { type Around, patched } from './patch';
import { quietly } from './quietly';

/** What people begin anything with. */
const FIRST = 'pointerdown keydown click wheel focusin';
/** What always leaves a shadow root. The focus does not, where it moves within one. */
const LEAVES = /^(pointer|key|click|wheel)/;

/** Marks a window that reports for itself, whichever copy of this code does it: an app may bundle one and have the script tag, too. */
export const REPORTS: unique symbol = Symbol.for('irk');
declare global {
  interface Window {
    [REPORTS]?: unknown;
  }
}

let attached: AbortController;
/** Who listens to a type of events in the page, in its frames and in its shadow roots. */
let heard: Record<string, EventListener[]>;
/** The shadow roots that were entered. */
let entered: WeakSet<EventTarget>;
let begin: () => void;
/** The global object of a page or frame. */
export type Realm = Window & typeof globalThis;
/** What is to be begun in each frame. */
let begins: Array<(frame: Realm) => void>;
const undo: Array<() => void> = [];

/**
 * Begins to attach: whatever is attached from now on goes with `detach`. `first` is called before anything is heard; it tells
 * who listens, and enters the window.
 */
export function attach(first: () => void): void {
  detach();
  attached = new AbortController();
  heard = Object.create(null);
  entered = new WeakSet();
  begins = [];
  begin = first;
  onStop(watchPasswordsNoMore);
  watchPasswords(document);
  for (const type of FIRST.split(' ')) add(window, type, hear);
}

/** Leaves the page as it was. */
export function detach(): void {
  attached?.abort();
  for (const action of undo.splice(0)) action();
}

/** Has something undone when recording stops. */
export function onStop(action: () => void): void {
  undo.push(quietly(action));
}

/** Whether it is a frame's window that reports for itself. */
const isReporting = (place: EventTarget | null) => place !== window && (place as Window)[REPORTS];

/**
 * One listener for all: a page pays for every one that an event comes to, and browsers add none twice. It swallows errors itself,
 * as `quietly` does: of a page's events there are so many that a function around each handler would be felt.
 */
function hear(event: Event): void {
  // What a page dispatches may have getters of its own.
  try {
    // A frame may have begun to report for itself since.
    if (isReporting(event.currentTarget)) return;
    begin();
    for (const handler of heard[event.type] ?? []) {
      try {
        handler(event);
      } catch {}
    }
  } catch {}
}

/** What leaves a shadow root is heard outside of it. Not to be told by `composed`: in Chromium a submit is, and stays inside. */
const hearInside: EventListener = quietly((event) => {
  if (event.composedPath().pop() === event.currentTarget) hear(event);
});

function add(target: EventTarget, type: string, handler: EventListener): void {
  target.addEventListener(type, handler, { capture: true, passive: true, signal: attached.signal });
}

/**
 * Listens in the capture phase, before the app can answer or stop the event. Types are separated by spaces. Without a target,
 * listens in the page, in the frames of its own origin (of others, all that is known is that the focus went there), and in
 * open shadow roots to what does not leave them.
 */
// biome-ignore lint/suspicious/noExplicitAny: the event's class follows from its type, which is a plain string here.
export function listen(types: string, handler: (event: any) => unknown, target?: EventTarget): void {
  for (const type of types.split(' ')) {
    if (target) add(target, type, quietly(handler));
    else {
      heard[type] ??= [];
      heard[type].push(handler);
    }
  }
}

/**
 * Hears all that somebody listens to in a window and its frames, or in a shadow root. The page's own is entered not when it starts, when
 * each listener would have it wait, but soon, or when somebody begins to do something. What is entered again is not heard twice: a frame is, since its
 * window may have lost its listeners to another document, and browsers see to it; a root, which every press in it passes, is not.
 */
export const enter: (place?: EventTarget | null) => void = quietly((place) => {
  // Of a page's many pictures and scripts, whose `load` is heard as well, none is a place. Errors that are swallowed cost time, too.
  // A frame that reports for itself needs nobody to do it once more.
  if (!place || entered.has(place) || isReporting(place)) return;
  const inside = (place as Node).nodeType;
  if (inside) entered.add(place);
  for (const type in heard) if (!inside || !LEAVES.test(type)) add(place, type, inside ? hearInside : hear);
  const { document } = place as Realm;
  watchPasswords(document ?? place);
  if (document && place !== window && !entered.has(document)) {
    entered.add(document);
    for (const begin of begins) begin(place as Realm);
  }
  for (const frame of document?.querySelectorAll('iframe') ?? []) enter(frame.contentWindow);
});

/** Begins something in the page, and in each of its frames once that is entered. */
export function everywhere(begin: (realm: Realm) => void): void {
  begin(window);
  begins.push(quietly(begin));
  for (const { contentDocument, contentWindow } of document.querySelectorAll('iframe'))
    if (entered.has(contentDocument as Document)) begin(contentWindow as Realm);
}

/** What is patched knows how that is undone: a frame that is gone must not be kept for it. */
function weakly(undo: () => void): () => void {
  const kept = new WeakRef(undo);
  return () => kept.deref()?.();
}

/** Does something around calls of the owner's methods, or of what sets its properties, until recording stops. Names are separated by spaces. */
export function patch(owner: object = {}, names: string, around: Around, part?: 'set', keep = onStop): void {
  // What this browser does not have cannot be called either, and what somebody has locked stays as it is.
  for (const name of names.split(' '))
    if (name in owner) quietly(() => keep(weakly(patched(owner, name, around, part))))();
}
