import { COMPONENT, marker, markOf } from './mask';
import { attribute, closest, own } from './node';

/** A name given by a developer, not by a framework at run time (`:r1:`, `radix-12-34`) and not after a person. */
const STABLE = /^(?!(.*\d){3})[a-z][\w-]{0,39}$/i;
/** How many ancestors a selector names at most. */
const DEPTH = 5;

/**
 * A short selector that survives re-rendering, from names alone where there are any: what "the same element" means. A
 * masked element is told by its place only. A shadow root is crossed like any parent. It begins with the nearest
 * component that the element is in, as developers mark and name it. `nearest` is the nearest marker of any kind.
 */
export function selectorOf(element: Element, masked: boolean, nearest = marker(element), depth = DEPTH): string {
  const tag = own(element, 'localName');
  const around = own(element, 'parentNode') as ParentNode & ShadowRoot;
  const parent = own(element, 'parentElement') ?? around?.host;
  const component = nearest && parent && closest(parent, COMPONENT);
  const name = (component && attribute(component, 'data-irk-component')) ?? '';
  const within = STABLE.test(name) ? `[data-irk-component=${name}] ` : '';
  for (const name of masked ? [] : ['data-testid', 'id', 'name']) {
    const value = attribute(element, name) ?? '';
    if (STABLE.test(value)) return within + tag + (name === 'id' ? `#${value}` : `[${name}=${value}]`);
  }
  if (!parent || !depth || /^(html|body)$/.test(tag)) return within + tag;
  // A name above the component would contradict it.
  const above =
    within && parent === component
      ? within
      : `${selectorOf(parent, !!nearest && !!markOf(parent), nearest, depth - 1)} `;
  return `${above}> ${tag}:nth-child(${1 + [...own(around, 'children')].indexOf(element)})`;
}
