type Key = keyof HTMLFormElement;

/** By property. Looked up once, because whatever else tells a property safely is several times as slow, and clicks ask for dozens. */
const getters: Partial<Record<Key, (this: Node) => never>> = {};

/**
 * What the platform says of an element, or what any node knows of it. A form gives its fields' names precedence over its own
 * properties: of one with a field named `parentNode`, that is the field. A form's interface knows all that others know.
 */
export const own = <K extends Key>(node: Node, key: K): HTMLFormElement[K] => {
  // Not in the DOM types. https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/Object/__lookupGetter__
  getters[key] ??= (HTMLFormElement.prototype as never as { __lookupGetter__(key: Key): never }).__lookupGetter__(key);
  return getters[key]?.call(node) as never;
};

export const attribute = (element: Element, name: string): string | null =>
  Element.prototype.getAttribute.call(element, name);

export const matches = (element: Element, selector: string): boolean =>
  Element.prototype.matches.call(element, selector);

/** What an event happened to, also inside open shadow roots. */
export const hit = (event: Event): Element =>
  (((event.target as Element).shadowRoot && event.composedPath()[0]) ?? event.target) as Element;

/**
 * The nearest ancestor-or-self that matches, as things are shown: what is slotted is inside of its slot, and a shadow root or
 * a frame inside of its host.
 */
export function closest(element: Element, selector: string): Element | null {
  let up: Node | null | undefined = element;
  while (up) {
    // Elements are of type 1, documents of type 9, shadow roots of type 11.
    const type: number = own(up, 'nodeType');
    if (type === 1) {
      if (matches(up as Element, selector)) return up as Element;
      up = own(up, 'assignedSlot') ?? own(up, 'parentNode');
    } else up = type > 9 ? (up as ShadowRoot).host : Reflect.get(Document.prototype, 'defaultView', up)?.frameElement;
  }
  return null;
}
