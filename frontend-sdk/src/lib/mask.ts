import { closest, matches, own } from './node';

/** Nodes that ever were a password field stay masked, also while "show password" turns them into a text field. */
const passwords: WeakSet<Element> = /* @__PURE__ */ new WeakSet();

const IGNORED = '[data-irk-ignore]';
/** What is inside of what somebody writes, such as a mention, or a heading with an id after its text, is written too; of choices, which is meant is content. */
const TO_MASK = '[data-irk-mask],[data-private],[contenteditable] *,[role=textbox] *,[role=listbox] *,option';

/** The parts of an element that must not be told of. */
export const HIDDEN: string = `${IGNORED},${TO_MASK}`;
const MARKED = `${HIDDEN},[data-irk-unmask]`;
/** An element that developers named as a component. */
export const COMPONENT = '[data-irk-component]';
const ANY_MARKER = `${MARKED},${COMPONENT}`;

let observer: MutationObserver | undefined;

/** Learns which fields were passwords, also of changes that the observer has not been told of yet. */
function note(changes: MutationRecord[] = observer?.takeRecords() ?? []): void {
  for (const { target, oldValue } of changes)
    if (/password/i.test(oldValue as string)) passwords.add(target as Element);
}

/**
 * Sees fields in a document or shadow root whose type changes, such as when somebody asks to be shown a password. Unlike a look
 * for all password fields at each click, it costs nothing that can be measured on a page where that does not happen.
 */
export function watchPasswords(root: Node): void {
  observer ??= new MutationObserver(note);
  observer.observe(root, { subtree: true, attributeFilter: ['type'], attributeOldValue: true });
}

export function watchPasswordsNoMore(): void {
  note();
  observer?.disconnect();
}

/** The nearest element, from this one on up, that bears any marker of ours. On most pages there is none, and nothing more to look for. */
export const marker = (element: Element): Element | null => closest(element, ANY_MARKER);

/**
 * What the nearest marker on an element or above it says; `nearest` is the nearest of any kind. On one and the same element,
 * ignoring wins over masking and masking over unmasking.
 */
export function markOf(element: Element, nearest: Element | null = marker(element)): 'ignore' | 'mask' | undefined {
  note();
  const marked = nearest && closest(nearest, MARKED);
  if ((element as HTMLInputElement).type === 'password') passwords.add(element);
  if (marked && matches(marked, IGNORED)) return 'ignore';
  const written = own(element, 'ownerDocument').designMode === 'on';
  return written || passwords.has(element) || (marked && matches(marked, TO_MASK)) ? 'mask' : undefined;
}
