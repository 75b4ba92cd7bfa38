/**
 * What to do around a call: it gets the call's arguments and `this`, and may return a function that gets the result and
 * returns what the page shall get instead.
 */
// biome-ignore lint/suspicious/noExplicitAny: the patched functions have nothing in common but being functions.
export type Around = (args: any[], self: any) => ((result: any) => unknown) | undefined | undefined;

/**
 * Replaces `owner[name]` by itself with something done around each call, and returns a function that undoes it.
 *
 * A Proxy keeps the name, the length, own properties, `new`, thrown errors and "[native code]" as they are, which a
 * wrapper function does not. If somebody else has patched on top of us in the meantime, undoing must not remove theirs:
 * ours then stays in the chain and does nothing.
 */
export function patch<T extends object>(owner: T, name: string & keyof T, around: Around): () => void {
  const original = owner[name];
  if (typeof original !== 'function') return () => {};
  let live = true;
  const patched = new Proxy(original, {
    apply(target, self, args) {
      let after: ReturnType<Around>;
      if (live) {
        try {
          after = around(args, self);
        } catch {
          // Our fault must not become the page's.
        }
      }
      const result: unknown = Reflect.apply(target, self, args);
      return after ? after(result) : result;
    },
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      return key === 'toString' && typeof value === 'function' ? value.bind(target) : value;
    },
  });
  owner[name] = patched;
  return () => {
    live = false;
    if (owner[name] === patched) owner[name] = original;
  };
}
