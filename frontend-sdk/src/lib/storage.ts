import { quietly } from './quietly';

/** The session. */
export const SESSION = 'irk.s';
/** What stands in its place for a moment when consent is withdrawn: an app that only empties the storage, at a logout, says no such thing. */
export const WITHDRAWN = ' ';
/** How the names begin of what pages leave undelivered: one for each page, so that tabs do not overwrite each other's. */
export const STORED = 'irk.q';

/**
 * localStorage, when there is one. Reading the property itself throws in a sandboxed frame and where cookies are
 * blocked; writing throws when the quota is used up. Then the SDK works from memory alone.
 */
export const read: (key: string) => string | undefined = quietly((key) => localStorage[key]);

/** Writes a value, or removes it if empty. Returns whether it could. */
export const write: (key: string, value?: string) => true | undefined = quietly((key, value) => {
  if (value) localStorage[key] = value;
  else delete localStorage[key];
  return true;
});
