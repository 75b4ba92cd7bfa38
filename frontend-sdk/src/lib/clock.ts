/** The nearest whole number. */
export const whole: (number: number) => number = Math.round;

/** Monotonic ms since the page's time origin. */
export const now = (): number => performance.now();

/** When an event happened. A frame has a time origin of its own. */
export const timeOf = ({ timeStamp, currentTarget }: Event): number =>
  timeStamp + (currentTarget as Window).performance.timeOrigin - performance.timeOrigin;

/** Whole ms since then. Not negative, though browsers that blur their clocks may let an event happen after now. */
export const since = (then: number): number => Math.max(0, whole(now() - then));
