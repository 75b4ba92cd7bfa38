import { markOf } from './mask';
import { scrub } from './scrub';

/** What a label is read from never includes what people type, choose or draw, nor text that is not shown. */
const SKIPPED = 'input,textarea,select,option,script,style,template,svg,[contenteditable],[hidden]';

/** The text inside an element that may be read, some 80 characters at most: enough for a label, however big the element. */
function textOf(node: Node, text = ''): string {
  const children = (node as Partial<HTMLSlotElement>).assignedNodes?.() ?? node.childNodes;
  for (const child of children) {
    if (text.length > 80) break;
    if (child.nodeType === Node.TEXT_NODE) text += child.nodeValue;
    else if (child instanceof Element && !child.matches(SKIPPED) && markOf(child) !== 'mask')
      text = `${textOf(child, text)} `;
  }
  return text;
}

/**
 * What a person would call an element, scrubbed, at most 40 characters; undefined if nothing may be told. `readable` says
 * that the element is a control: its text is written by the developer. Other text is content, and content is nobody's business.
 */
export function labelOf(element: Element, readable: boolean): string | undefined {
  const field = (element as HTMLInputElement).labels?.[0];
  const text =
    element.getAttribute('aria-label') ||
    (field && markOf(field) !== 'mask' && textOf(field)) ||
    (readable && !element.matches(SKIPPED) && textOf(element));
  return scrub(text || '', 40) || scrub(element.getAttribute('data-testid') ?? '', 40) || undefined;
}
