import { HIDDEN, markOf } from './mask';
import { attribute, closest, matches } from './node';
import { scrub } from './scrub';

/** What a label is read from never includes what people type, choose or draw, nor text that is not shown. */
const SKIPPED = 'input,textarea,select,svg,canvas,video,audio,object,noscript,[contenteditable],[hidden]';

/** The text inside an element that may be read, some 80 characters at most: enough for a label, however big the element. */
function textOf(element: Element, text = ''): string {
  if (matches(element, `${SKIPPED},${HIDDEN}`) || getComputedStyle(element).display === 'none') return text;
  for (const child of (element as Partial<HTMLSlotElement>).assignedNodes?.() ?? element.childNodes) {
    if (text[80]) break;
    // Elements are of type 1, texts of type 3. Those of a frame are instances of other classes.
    if (child.nodeType === 1) text = `${textOf(child as Element, text)} `;
    if (child.nodeType === 3) text += (child as Text).data;
  }
  return text;
}

/**
 * What a person would call an element, scrubbed, at most 40 characters; undefined if nothing may be told. `readable` says
 * that the element is a control: its text is written by the developer. Other text is content, and content is nobody's business.
 */
export function labelOf(element: Element, readable: boolean): string | undefined {
  const source = ((element as HTMLInputElement).labels?.[0] ?? (readable && element)) as HTMLElement | false;
  // A link in a text that somebody writes is a part of that text.
  const told = source && !markOf(source) && !source.isContentEditable && !closest(source, SKIPPED);
  return [attribute(element, 'aria-label'), told && textOf(source), attribute(element, 'data-testid')]
    .map((text) => scrub(text || '', 40))
    .find(Boolean);
}
