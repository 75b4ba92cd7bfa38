/** Monotonic ms since the page's time origin. */
export const now = (): number => performance.now();

/** The page's time origin on the wall clock, whole ms. */
export const origin = (): number => Math.round(performance.timeOrigin);
