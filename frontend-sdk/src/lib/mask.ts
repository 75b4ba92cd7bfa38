/** Nodes that ever were a password field stay masked, also while "show password" turns them into a text field. */
const passwords: WeakSet<Element> = /* @__PURE__ */ new WeakSet();

/** The parent as it is rendered: slots and shadow hosts count, so that a marker on a component covers its inside. */
const parentOf = (element: Element): Element | null => {
  const parent = element.assignedSlot ?? element.parentElement;
  if (parent) return parent;
  const root = element.getRootNode();
  return root instanceof ShadowRoot ? root.host : null;
};

const has = (element: Element, marker: string) => element.hasAttribute(`data-irk-${marker}`);

/**
 * What the nearest marker above an element (or on it) says. On one and the same element, ignoring wins over masking and
 * masking over unmasking.
 */
export function markOf(element: Element): 'ignore' | 'mask' | 'unmask' | undefined {
  if ((element as HTMLInputElement).type === 'password') passwords.add(element);
  if (passwords.has(element)) return 'mask';
  for (let node: Element | null = element; node; node = parentOf(node)) {
    if (has(node, 'ignore')) return 'ignore';
    if (has(node, 'mask') || node.hasAttribute('data-private')) return 'mask';
    if (has(node, 'unmask')) return 'unmask';
  }
  return undefined;
}
