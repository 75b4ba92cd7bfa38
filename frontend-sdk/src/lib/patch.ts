import { quietly } from './quietly';

/**
 * What to do around a call: it gets the call's arguments and `this`, and may return a function that gets the result and
 * may return what the page shall get in its place.
 */
// biome-ignore lint/suspicious/noExplicitAny: the patched functions have nothing in common but being functions.
export type Around = (args: any[], self: any) => ((result: any) => unknown) | undefined;

/**
 * Replaces the function `owner[name]`, or with `'set'` what sets that property, by itself with something done around each call;
 * returns what undoes it. If somebody else has patched on top of us in the meantime, undoing must not remove theirs: ours then
 * stays in the chain and does nothing.
 *
 * A Proxy keeps the name, the length, own properties, `new`, thrown errors and "[native code]" as they are, which a
 * wrapper function does not.
 */
export function patched(owner: object, name: string, around: Around, part: 'value' | 'set' = 'value'): () => void {
  const described = () => Object.getOwnPropertyDescriptor(owner, name);
  const original = described() as PropertyDescriptor & { set: never };
  // An own property of ours would hide what somebody does to the prototype later.
  if (!original) return patched(Object.getPrototypeOf(owner), name, around, part);
  let before: typeof around | undefined = quietly(around);
  const undo = () => {
    before = undefined;
    if (described()?.[part] === ours) Object.defineProperty(owner, name, original);
  };
  const ours: object = new Proxy(part === 'set' ? original.set : owner[name as never], {
    undo,
    apply(target, self, args) {
      const after = before?.(args, self);
      const result: unknown = Reflect.apply(target as never, self, args);
      return quietly(() => after?.(result))() ?? result;
    },
    // One that somebody gave it may have been frozen with it.
    get: (target, key) =>
      target[key as never] === Function.prototype.toString ? () => `${target}` : target[key as never],
  } as ProxyHandler<never>);
  // Somebody may have made it a getter.
  const like = part in original ? original : { configurable: true, enumerable: true, writable: true };
  Object.defineProperty(owner, name, { ...like, [part]: ours });
  return undo;
}
