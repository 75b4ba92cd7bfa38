/** The moment that is told of, if it is another than this one. */
export let told: number | undefined;

/** Monotonic ms since the page's time origin. */
export const now = (): number => told ?? performance.now();

/** Does something as if it were another moment. */
export function asOf(moment: number, action: () => void): void {
  told = moment;
  action();
  told = undefined;
}

/** The page's time origin, on the wall clock. */
export let origin: number = performance.timeOrigin;

/** Moves it, if the machine slept and stopped its monotonic clock. Not back: a wall clock that was set back is a wrong one. */
export function wake(): void {
  origin = Math.max(origin, Date.now() - performance.now());
}

/** When an event happened. A frame has a time origin of its own. */
export const timeOf = ({ timeStamp, currentTarget }: Event): number =>
  timeStamp + (currentTarget as Window).performance.timeOrigin - performance.timeOrigin;

/** How many ms since then. Not negative, though browsers that blur their clocks may let an event happen after now. */
export const since = (then: number): number => Math.max(0, now() - then);
