import { quietly } from './lib/quietly';
import { name, record, start, stop as stopRecording } from './lib/recorder';
import type { Options } from './types';

export { clicks } from './capture/click';
export { copies } from './capture/copy';
export { errors, report } from './capture/error';
export { forms } from './capture/form';
export { navigation } from './capture/nav';
export { requests } from './capture/network';
export { pointers } from './capture/pointer';
export { scrolls } from './capture/scroll';
export { vitals } from './capture/vital';
export { zooms } from './capture/zoom';
export { preset } from './preset';
export type { Capture, Options } from './types';

let options: Options | undefined;
/** What was said of consent, perhaps before the SDK was begun. */
let decided: boolean | undefined;

function decide(granted: boolean): void {
  // A user who asks every site not to be tracked is not asked again. https://w3c.github.io/gpc/
  if (!granted || (navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl) stopRecording('everywhere');
  else if (options) start(options);
}

/** Begins to record. A second call does nothing until `stop`. */
export const init: (options: Options) => void = quietly((given) => {
  if (options) return;
  options = given;
  // A word that we do not know may have been meant to ask for consent.
  if (decided ?? (given.consent ?? 'implied') === 'implied') decide(true);
});

/** Says who is there, by an id that only you can resolve; with nothing, that nobody is known any more. */
export const identify: (userId?: string) => void = quietly((id) => name(id ? `${id}` : undefined));

/** Records an event of your own, by its name (at most 64 characters). */
export const track: (event: string) => void = quietly((event) => {
  record('track', { name: `${event}`.slice(0, 64) });
});

/** Begins to record where consent is required. Withdrawn, stops and erases all that was stored or not yet sent. */
export const consent: (granted: boolean) => void = quietly((granted) => {
  decided = granted;
  decide(granted);
});

/** Stops recording, sends what was recorded, and leaves the page as it was before `init`. */
export const stop: () => void = quietly(() => {
  options = undefined;
  stopRecording();
});
