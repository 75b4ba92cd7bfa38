import { HIDDEN, markOf } from './mask';
import { attribute, closest, matches, own } from './node';
import { scrub } from './scrub';

/**
 * What a label is read from never includes what people type, choose or draw, nor text that is not shown. Of a `combobox`, `listbox`,
 * `textbox`, `searchbox` or `spinbutton`, and of what opens a listbox, the text is its value.
 */
const SKIPPED =
  'input,textarea,select,output,svg,canvas,video,audio,object,noscript,[contenteditable],[hidden],[role*=tbox],[role*=obox],[role*=hbox],[role*=spin],[aria-haspopup=listbox]';
/** What opens a listbox, a dialog or a grid may be named after what was chosen there. */
const CHOOSES = '[aria-haspopup*=i],[role=combobox]';
/** A name that holds what stands there, as in "Remove Jane Doe", is made of content. */
const BESIDE = ['previousSibling', 'nextSibling', 'previousElementSibling', 'nextElementSibling'] as const;
/** What holds one of many: what a name there ends with, as in "Remove Jane Doe", stands in it elsewhere, too. */
const ROW = 'tr,li,[role=row],[role=listitem],article';
/** A name with two numbers is made of content: the day that was chosen in a calendar, whose month is a word. */
const DATED = /\p{N}\S* .*\p{N}/u;
const UNREAD = `${SKIPPED},[role=alert],[role=status],[aria-live],${HIDDEN}`;
/** Beside what takes a choice stands what was chosen. Not of `UNREAD`: browsers without `:has` know no selector that has it. */
const isChoice = (child: Element) => matches(child, '[role=combobox]');
const holdsChoice = (element: Element) => Array.from(own(element, 'children') as never as Element[]).some(isChoice);

/** Whether a text holds what stands in a field: a suggestion, or a tab that is named by it. */
const holdsTyped = (text: string) =>
  Array.from(document.querySelectorAll<HTMLInputElement>('input,textarea')).some(({ type, value }) => {
    const typed = value.trim().toLowerCase();
    return typed[2] && /^(te|sea|em|url|pas)/.test(type) && text.includes(typed);
  });

function isShown(element: Element): boolean {
  const { display, visibility } = getComputedStyle(element);
  return display !== 'none' && visibility !== 'hidden';
}

/** The text inside an element that is shown, as far as it may be read: some 80 characters at most, enough for a label, however big the element. */
function textOf(element: Element, text = ''): string {
  const slotted = (element as Partial<HTMLSlotElement>).assignedNodes?.() ?? [];
  for (const child of slotted[0] ? slotted : element.childNodes) {
    // Of a host, what its shadow tree does not mask is shown in it, and no more.
    if (text[80] || element.shadowRoot) break;
    // Elements are of type 1, texts of type 3. Those of a frame are instances of other classes.
    if (child.nodeType === 3) text += (child as Text).data;
    else if (
      child.nodeType === 1 &&
      !matches(child as Element, UNREAD) &&
      !holdsChoice(child as Element) &&
      isShown(child as Element)
    )
      text = `${textOf(child as Element, text)} `;
  }
  return text;
}

/**
 * What a person would call an element, scrubbed, at most 40 characters; undefined if nothing may be told. `readable` says
 * that the element is a control: its text is written by the developer. Other text is content, and content is nobody's business.
 * `value`: what stands in it, or in what it is a label of, which some pages write there as well.
 */
export function labelOf(element: Element, readable: boolean, value: string): string | undefined {
  // Of a file, browsers tell no more than its name.
  const typed = value.replace(/.*\\/, '');
  const named = (text: string | null) =>
    text && !(typed[1] && text.includes(typed)) && !holdsTyped(text.toLowerCase()) && scrub(text, 40);
  // A link in a text that somebody writes is a part of that text. A document that is editable as a whole is masked.
  const read = (source: Element) => !closest(source, SKIPPED) && named(textOf(source));
  const parent = own(element, 'parentElement');
  // All but a label.
  const isChip = () => !matches(element, 'label') && parent && holdsChoice(parent);
  const aria = attribute(element, 'aria-label');
  const isBeside = (side: (typeof BESIDE)[number]) =>
    [element, parent ?? element].some((near) => {
      const { value, textContent } = (own(near, side) ?? {}) as Partial<HTMLInputElement>;
      const text = `${value || textContent || ''}`.trim();
      return text[1] && (aria as string).includes(text);
    });
  const row = closest(element, ROW);
  const isOfRow = () => row && own(row, 'textContent').includes((aria as string).split(' ').pop() as string);
  const told =
    (aria && !DATED.test(aria) && !matches(element, CHOOSES) && !BESIDE.some(isBeside) && !isOfRow() && named(aria)) ||
    (readable && !isChip() && read(element));
  if (told) return told;
  // Looked for in the whole document, so only for what has no text of its own.
  const label = (element as HTMLInputElement).labels?.[0];
  return (
    (label && !markOf(label) && label.checkVisibility?.() && read(label)) ||
    named(attribute(element, 'data-testid')) ||
    undefined
  );
}
