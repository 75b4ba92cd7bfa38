import { COMPONENT, marker, markOf } from './mask';
import { attribute, closest, own } from './node';

/** A name given by a developer, not by a framework at run time (`:r1:`, `radix-_r_1_`, `radix-12-34`) and not after a person. */
const STABLE = /^(?!(.*\d){3}|.*_r_)[a-z][\w-]{0,39}$/i;
/** Fields of a list, or of a code, often share one name, and each is one that people may struggle with: their names are to be unique. */
const FIELD = /^(inp|tex|sel)/;
/** How many ancestors a selector names at most. */
const DEPTH = 5;

/**
 * A short selector that survives re-rendering, from names alone where there are any: what "the same element" means. A
 * masked element is told by its place only. A shadow root is crossed like any parent. It begins with the nearest
 * component that the element is in, as developers mark and name it. `nearest` is the nearest marker of any kind.
 */
export function selectorOf(
  element: Element,
  masked: boolean,
  nearest: Element | null = marker(element),
  depth = DEPTH,
  field = FIELD.test(own(element, 'localName')),
): string {
  // What comes out of a text that is taken for HTML (`<ann@shop.example>`) is no name that a developer gave.
  const tag = own(element, 'localName').replace(/.*[^\w-].*/, '*');
  const parent = own(element, 'parentElement') ?? (own(element, 'parentNode') as ShadowRoot | null)?.host;
  const component = nearest && parent && closest(parent, COMPONENT);
  const name = (component && attribute(component, 'data-irk-component')) ?? '';
  const selectorAbove = (up: Element) => selectorOf(up, !!nearest && !!markOf(up), nearest, depth - 1, field);
  const within = STABLE.test(name) ? `[data-irk-component=${name}] ` : '';
  for (const name of masked ? [] : ['data-testid', 'id', 'name']) {
    const value = attribute(element, name) ?? '';
    if (STABLE.test(value)) {
      const sel = tag + (name === 'id' ? `#${value}` : `[${name}=${value}]`);
      // Every instance of a component has the same names in its shadow root.
      const { host } = Node.prototype.getRootNode.call(element) as ShadowRoot;
      if (host && depth && !within) return `${selectorAbove(host)} > ${sel}`;
      if (!field || !own(element, 'ownerDocument').querySelectorAll(sel)[1]) return within + sel;
    }
  }
  if (!parent || !depth || /^(html|body)$/.test(tag)) return within + tag;
  // A name above the component would contradict it.
  const above = within && parent === component ? within : `${selectorAbove(parent)} `;
  let place = 0;
  for (let e: Element | null = element; e; e = own(e, 'previousElementSibling')) place++;
  return `${above}> ${tag}:nth-child(${place})`;
}
