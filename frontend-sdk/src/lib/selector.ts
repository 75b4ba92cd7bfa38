/** A name given by a developer, not by a framework at run time (`:r1:`, `radix-12-34`) and not after a person. */
const STABLE = /^(?!(.*\d){3})[a-z][\w-]{0,39}$/i;

const NAMES = ['data-testid', 'id', 'name'];

/** How far up a selector looks for a named ancestor, and how many siblings it counts: both bound its cost. */
const DEPTH = 5;
const SIBLINGS = 100;

function named(element: Element): string | undefined {
  for (const name of NAMES) {
    const value = element.getAttribute(name);
    if (value && STABLE.test(value)) return element.localName + (name === 'id' ? `#${value}` : `[${name}=${value}]`);
  }
  return undefined;
}

function position(element: Element): string {
  let index = 1;
  for (let node = element.previousElementSibling; node && index < SIBLINGS; node = node.previousElementSibling)
    if (node.localName === element.localName) index++;
  return `${element.localName}:nth-of-type(${index})`;
}

/**
 * A short selector that survives re-rendering, from names alone where there are any: what "the same element" means. A
 * masked element is told by its place only. A shadow root is crossed with ` >>> `.
 */
export function selectorOf(element: Element, masked: boolean): string {
  let path = '';
  let node: Element | null = element;
  for (let depth = 0; node && depth < DEPTH; depth++) {
    const name = masked && depth === 0 ? undefined : named(node);
    path = (name ?? position(node)) + path;
    if (name) break;
    const root: Node = node.getRootNode();
    const host: Element | null = !node.parentElement && root instanceof ShadowRoot ? root.host : null;
    node = node.parentElement ?? host;
    if (node?.localName === 'body') break;
    if (node && depth < DEPTH - 1) path = (host ? ' >>> ' : ' > ') + path;
  }
  return path;
}
