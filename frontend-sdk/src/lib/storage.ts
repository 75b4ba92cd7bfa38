import { quietly } from './quietly';

/**
 * localStorage, when there is one. Reading the property itself throws in a sandboxed frame and where cookies are
 * blocked; writing throws when the quota is used up. Then the SDK works from memory alone.
 */
export const read: (key: string) => string | null | undefined = quietly((key) => localStorage.getItem(key));

/** Writes a value, or removes it if empty. */
export const write: (key: string, value?: string) => void = quietly((key, value) =>
  value ? localStorage.setItem(key, value) : localStorage.removeItem(key),
);

/** The keys that begin with a prefix. */
export const keys = (prefix: string): string[] =>
  quietly(() => Object.keys(localStorage).filter((key) => key.startsWith(prefix)))() ?? [];
