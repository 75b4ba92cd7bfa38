/**
 * Wraps a function so that a fault in it stays in it: then it returns undefined. With `hear`, the only place where errors
 * are swallowed, and on purpose: a customer's page must neither break, nor report to its own error tracker, nor print, because of
 * the SDK. Everything that the page calls goes through here: listeners, patched functions, the public functions.
 */
export const quietly =
  <A extends unknown[], R>(action: (...args: A) => R) =>
  (...args: A): R | undefined => {
    try {
      return action(...args);
    } catch {}
  };

type Later = (action: () => void, ms?: number) => ReturnType<typeof setTimeout>;
declare const window: { __zone_symbol__setTimeout?: Later };

/**
 * Does something later. Not in the page's zone, if it has zones: Angular waits for all timers of its own before it takes a page
 * for stable. https://angular.dev/api/core/ApplicationRef
 */
export const after: Later = (action, ms) => (window.__zone_symbol__setTimeout ?? setTimeout)(quietly(action), ms);
