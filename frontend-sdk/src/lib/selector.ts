/** A name given by a developer, not by a framework at run time (`:r1:`, `radix-12-34`) and not after a person. */
const STABLE = /^(?!(.*\d){3})[a-z][\w-]{0,39}$/i;
/** How many ancestors a selector names at most. */
const DEPTH = 5;

/**
 * A short selector that survives re-rendering, from names alone where there are any: what "the same element" means. A
 * masked element is told by its place only. A shadow root is crossed like any parent.
 */
export function selectorOf(element: Element, masked: boolean, depth = DEPTH): string {
  const tag = element.localName;
  for (const name of masked ? [] : ['data-testid', 'id', 'name']) {
    const value = element.getAttribute(name) ?? '';
    if (STABLE.test(value)) return tag + (name === 'id' ? `#${value}` : `[${name}=${value}]`);
  }
  const parent = element.parentNode as ParentNode & { host?: Element };
  if (!parent || !depth || /^(html|body)$/.test(tag)) return tag;
  const place = `${tag}:nth-child(${1 + [...parent.children].indexOf(element)})`;
  return `${selectorOf(parent.host ?? (parent as Element), false, depth - 1)} > ${place}`;
}
