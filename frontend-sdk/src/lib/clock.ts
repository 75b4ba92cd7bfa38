/** The moment that is told of, if it is another than this one. */
export let told: number | undefined;

/** Whole monotonic ms since the page's time origin. */
export const now = (): number => told ?? Math.round(performance.now());

/** Does something as if it were another moment. */
export function asOf(moment: number, action: () => void): void {
  told = moment;
  action();
  told = undefined;
}

/** The page's time origin, on the wall clock. */
export let origin: number = Math.round(performance.timeOrigin);

/** Moves it, if the machine slept and stopped its monotonic clock. Not back: a wall clock that was set back is a wrong one. */
export function wake(): void {
  origin = Math.max(origin, Date.now() - now());
}

/** When an event happened, in whole ms. A frame has a time origin of its own. */
export function timeOf({ timeStamp, currentTarget }: Event): number {
  const frame =
    currentTarget === window ? 0 : (currentTarget as Window).performance.timeOrigin - performance.timeOrigin;
  return Math.round(timeStamp + frame);
}

/** How many ms since then. Not negative, though browsers that blur their clocks may let an event happen after now. */
export const since = (then: number): number => Math.max(0, now() - then);
