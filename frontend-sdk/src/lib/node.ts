/**
 * Whether what the platform says of a node can be read from it as usual. A form gives its fields' names precedence over its own
 * properties, and a document those of its forms and images: one with a field named `matches` has no such method any more. One
 * with a field named `nodeName` is called `[object …]`.
 */
const isPlain = (node: Node) => !/^(form|[#[]|$)/i.test(node.nodeName);

/** What the platform says of a node: of what is not plain, its prototype knows it, slowly. */
export const own = <N extends Node, K extends keyof N>(node: N, key: K): N[K] =>
  isPlain(node) ? node[key] : Reflect.get(Reflect.getPrototypeOf(node) as object, key, node);

export const attribute = (element: Element, name: string): string | null =>
  own(element, 'getAttribute').call(element, name);

/** Documents and shadow roots match nothing. */
export const matches = (element: Element, selector: string): boolean =>
  own(element, 'matches')?.call(element, selector);

/** What an event happened to, also inside open shadow roots. */
export const hit = (event: Event): Element =>
  (((event.target as Element).shadowRoot && event.composedPath()[0]) ?? event.target) as Element;

type Around = Element & ShadowRoot & { defaultView?: Window };

/** What a node is directly inside of, as things are shown. */
const around = (node: Around) =>
  (own(node, 'assignedSlot') ??
    own(node, 'parentNode') ??
    own(node, 'host') ??
    own(node, 'defaultView')?.frameElement) as Around;

/**
 * The nearest ancestor-or-self that matches, as things are shown: what is slotted is inside of its slot, and a shadow root or
 * a frame inside of its host.
 */
export function closest(element: Element, selector: string): Element | null {
  // A link that is nowhere has a host too, which is a name.
  for (let up = element as Around; up?.nodeType; up = around(up)) if (matches(up, selector)) return up;
  return null;
}
