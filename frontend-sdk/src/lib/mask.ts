import { closest, matches, own } from './node';

/** Nodes that ever were a password field stay masked, also while "show password" turns them into a text field. */
const passwords: WeakSet<Element> = /* @__PURE__ */ new WeakSet();

const IGNORED = '[data-irk-ignore]';
const MASKED = '[data-irk-mask],[data-private]';

/** The parts of an element that must not be told of. */
export const HIDDEN: string = `${IGNORED},${MASKED}`;

/** Learns which fields around an element are passwords, before a click on it turns one into text. */
export function notePasswords(element: Element): void {
  for (const field of (own(element, 'getRootNode').call(element) as Document).querySelectorAll('[type=password]'))
    passwords.add(field);
}

/**
 * What the nearest marker on an element or above it says. On one and the same element, ignoring wins over masking and
 * masking over unmasking.
 */
export function markOf(element: Element): 'ignore' | 'mask' | undefined {
  const marked = closest(element, `${HIDDEN},[data-irk-unmask]`);
  if ((element as HTMLInputElement).type === 'password') passwords.add(element);
  if (marked && matches(marked, IGNORED)) return 'ignore';
  return passwords.has(element) || (marked && matches(marked, MASKED)) ? 'mask' : undefined;
}
