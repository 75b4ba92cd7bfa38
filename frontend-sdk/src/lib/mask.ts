/** Nodes that ever were a password field stay masked, also while "show password" turns them into a text field. */
const passwords: WeakSet<Element> = /* @__PURE__ */ new WeakSet();

const IGNORED = '[data-irk-ignore]';
const MASKED = '[data-irk-mask],[data-private]';

/** The parts of an element that must not be told of. */
export const HIDDEN: string = `${IGNORED},${MASKED}`;

/**
 * The nearest ancestor-or-self that matches, as things are shown: what is slotted is inside of its slot, and a shadow root or
 * a frame inside of its host. A walker, because a field named `parentNode` takes that property from its form.
 */
export function closest(element: Element, selector: string): Element | null {
  const root = element.getRootNode() as Node & { host?: Element; defaultView?: Window };
  const walker = document.createTreeWalker(root);
  walker.currentNode = element;
  for (let up: Element | null = element; up; up = walker.parentNode() as Element | null) {
    // Documents and shadow roots match nothing.
    if (up.matches?.(selector)) return up;
    if (up.assignedSlot) return closest(up.assignedSlot, selector);
  }
  const outer = root.host ?? root.defaultView?.frameElement;
  return outer ? closest(outer, selector) : null;
}

/** Learns which fields around an element are passwords, before a click on it turns one into text. */
export function notePasswords(element: Element): void {
  for (const field of (element.getRootNode() as ParentNode).querySelectorAll('[type=password]')) passwords.add(field);
}

/**
 * What the nearest marker on an element or above it says. On one and the same element, ignoring wins over masking and
 * masking over unmasking.
 */
export function markOf(element: Element): 'ignore' | 'mask' | undefined {
  const marked = closest(element, `${HIDDEN},[data-irk-unmask]`);
  if ((element as HTMLInputElement).type === 'password') passwords.add(element);
  if (marked?.matches(IGNORED)) return 'ignore';
  return passwords.has(element) || marked?.matches(MASKED) ? 'mask' : undefined;
}
