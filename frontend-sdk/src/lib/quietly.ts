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
