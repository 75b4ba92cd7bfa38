import { type Around, patched } from './patch';
import { quietly } from './quietly';

let attached: AbortController;

/** Begins to attach: whatever is attached from now on goes with `detach`. */
export function attach(): void {
  attached = new AbortController();
}

/** Leaves the page as it was. */
export function detach(): void {
  attached?.abort();
}

/** Has something undone when recording stops. */
export function onStop(action: () => void): void {
  attached.signal.addEventListener('abort', action);
}

/** Listens in the capture phase, before the app can answer or stop the event. Types are separated by spaces. */
// biome-ignore lint/suspicious/noExplicitAny: the event's class follows from its type, which is a plain string here.
export function listen(types: string, handler: (event: any) => unknown, target: EventTarget = window): void {
  for (const type of types.split(' '))
    target.addEventListener(type, quietly(handler), {
      capture: true,
      passive: true,
      signal: attached.signal,
    });
}

/** Does something around calls of the owner's methods. Names are separated by spaces. */
export function patch(owner: object, names: string, around: Around): void {
  // What this browser does not have cannot be called either.
  for (const name of names.split(' ')) if (name in owner) onStop(patched(owner, name as never, around));
}
