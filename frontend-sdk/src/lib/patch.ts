import { quietly } from './quietly';

/**
 * What to do around a call: it gets the call's arguments and `this`, and may return a function that gets the result and
 * may return what the page shall get in its place.
 */
// biome-ignore lint/suspicious/noExplicitAny: the patched functions have nothing in common but being functions.
export type Around = (args: any[], self: any) => ((result: any) => unknown) | undefined;

/**
 * The function with something done around each call, and what ends that.
 *
 * A Proxy keeps the name, the length, own properties, `new`, thrown errors and "[native code]" as they are, which a
 * wrapper function does not.
 */
function wrapped<F extends object>(original: F, around: Around): [ours: F, end: () => void] {
  let before: typeof around | undefined = quietly(around);
  const ours = new Proxy(original, {
    apply(target, self, args) {
      const after = before?.(args, self);
      const result: unknown = Reflect.apply(target as never, self, args);
      return quietly(() => after?.(result))() ?? result;
    },
    get: (target, key) => (key === 'toString' ? () => `${target}` : target[key as never]),
  });
  return [
    ours,
    () => {
      before = undefined;
    },
  ];
}

/**
 * Replaces the function `owner[name]` by itself with something done around each call; returns what undoes it. If somebody
 * else has patched on top of us in the meantime, undoing must not remove theirs: ours then stays in the chain and does
 * nothing.
 */
export function patched<T extends object>(owner: T, name: keyof T, around: Around): () => void {
  const original = owner[name];
  const [ours, end] = wrapped(original as T[keyof T] & object, around);
  owner[name] = ours;
  return () => {
    end();
    if (owner[name] !== ours) return;
    // What the owner had from its prototype, it has from there again.
    delete (owner as Partial<T>)[name];
    owner[name] ??= original;
  };
}

/** Likewise what sets the property `owner[name]`. */
export function patchedSetter<T extends object>(owner: T, name: keyof T, around: Around): () => void {
  const original = Object.getOwnPropertyDescriptor(owner, name) as PropertyDescriptor & { set(value: unknown): void };
  const [set, end] = wrapped(original.set, around);
  Object.defineProperty(owner, name, { ...original, set });
  return () => {
    end();
    if (Object.getOwnPropertyDescriptor(owner, name)?.set === set) Object.defineProperty(owner, name, original);
  };
}
