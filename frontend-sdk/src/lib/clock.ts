/** Monotonic ms since the page's time origin. */
export const now = (): number => performance.now();

/** Whole ms since then. */
export const since = (then: number): number => Math.round(now() - then);
