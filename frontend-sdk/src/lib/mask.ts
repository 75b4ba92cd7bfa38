/** Nodes that ever were a password field stay masked, also while "show password" turns them into a text field. */
const passwords: WeakSet<Element> = /* @__PURE__ */ new WeakSet();

const IGNORED = '[data-irk-ignore]';
const MASKED = '[data-irk-mask],[data-private]';

/** The nearest ancestor-or-self that matches, also outside of the shadow root or the frame. */
export function closest(element: Element, selector: string): Element | null {
  const { host, defaultView } = element.getRootNode() as { host?: Element; defaultView?: Window };
  const outer = host ?? defaultView?.frameElement;
  return element.closest(selector) ?? (outer ? closest(outer, selector) : null);
}

/**
 * What the nearest marker on an element or above it says. On one and the same element, ignoring wins over masking and
 * masking over unmasking.
 */
export function markOf(element: Element): 'ignore' | 'mask' | undefined {
  const marked = closest(element, `${IGNORED},${MASKED},[data-irk-unmask]`);
  if ((element as HTMLInputElement).type === 'password') passwords.add(element);
  if (marked?.matches(IGNORED)) return 'ignore';
  return passwords.has(element) || marked?.matches(MASKED) ? 'mask' : undefined;
}
