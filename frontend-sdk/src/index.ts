import { createRecorder, type RecorderControl } from './lib/recorder';
import { routeOf } from './lib/route';
import type { Options } from './types';

export { clicks } from './capture/click';
export { errors } from './capture/error';
export { forms } from './capture/form';
export { navigation } from './capture/nav';
export { requests } from './capture/network';
export { preset } from './preset';
export type { Capture, Options } from './types';

let options: Options | undefined;
let recorder: RecorderControl | undefined;
let user: string | undefined;

/** Nothing of ours may throw into the page, and its console is not ours. */
function quietly(action: () => void): void {
  try {
    action();
  } catch {
    // A page without an SDK is better than a page without the rest of its script.
  }
}

function start(): void {
  if (!options || recorder) return;
  // A user who asks every site not to be tracked is not asked again. https://w3c.github.io/gpc/
  if ((navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl) return;
  const { key, endpoint = '/v1/events', sample = 1, route = routeOf, release, environment, capture = [] } = options;
  recorder = createRecorder({
    key,
    endpoint,
    sample,
    route,
    context: { ...(release && { release }), ...(environment && { environment }), ...(user && { user }) },
  });
  for (const attach of capture) attach(recorder);
  recorder.start();
}

/** Begins to record. A second call does nothing until `stop`. */
export function init(given: Options): void {
  if (options) return;
  options = given;
  if (given.consent !== 'required') quietly(start);
}

/** Says who is there, by an id that only you can resolve; with nothing, that nobody is known any more. */
export function identify(userId?: string): void {
  user = userId;
  quietly(() => recorder?.identify(userId));
}

/** Records an event of your own, by its name. */
export function track(name: string): void {
  quietly(() => recorder?.record('track', { name: String(name).slice(0, 100) }));
}

/** Begins to record where consent is required. Withdrawn, stops and erases all that was stored or not yet sent. */
export function consent(granted: boolean): void {
  quietly(() => {
    if (granted) return start();
    recorder?.stop(true);
    recorder = undefined;
  });
}

/** Stops recording, sends what was recorded, and leaves the page as it was before `init`. */
export function stop(): void {
  quietly(() => recorder?.stop());
  recorder = options = undefined;
}
