import type { Kind, WireElement } from '../wire';
import { labelOf } from './label';
import { marker, markOf } from './mask';
import { attribute, closest, matches, own } from './node';
import { selectorOf } from './selector';

/** A link, of HTML or of SVG. */
const LINK = ':any-link';
/** Controls. What is written on them was written by the developer. Cards to be dragged are given the role of a button. */
const BUTTON =
  ':any-link,button,input,select,summary,[role=button]:not([aria-roledescription]):not([draggable]),[role=link],[role=tab],[role=option],[role=checkbox],[role=radio],[role=switch],[role^=menuitem]';
/** What looks clickable. */
const CLICKABLE = `${BUTTON},:not(body)[onclick]`;
/** What a click is about, even if it hits something inside. */
const CONTROL = `${CLICKABLE},textarea,label,audio,video,canvas`;

/** A choice that was made already, the handle of a range, and what says that it cannot be used now. */
const CHOSEN =
  '[aria-disabled=true],[type=radio],[type=range],[aria-current]:not([aria-current=false]),[aria-current=page]>*,[aria-pressed=true],[aria-selected=true],[role=radio][aria-checked=true]';

/** How the `type` of elements begins that are typed into (text, textarea, tel, search, url, email, password, number) … */
const TYPED = /^(te[^/]*$|sea|url|[epn])/;
/** … and of those that open a native picker (select-one, date, datetime-local, month, week, file, time, color). */
const PICKED = /^(sel|[dmw]|fil|ti|co)/;

/** A target that is another window or tab; `_top` and `_parent` are not. */
const ELSEWHERE = /^(?!_[spt])./i;

type Anything = Element & HTMLInputElement & HTMLMediaElement & HTMLLabelElement;

/** What a click on an element does by itself. */
export function kindOf(element: Element, elsewhere = false): Kind | undefined {
  // Elements of somebody's own have types of their own.
  const type = (element as Anything).form !== undefined && (element as Anything).type;
  const tag = own(element, 'localName');
  const href = attribute(element, 'href');
  // A bare # goes nowhere, and `javascript:` is a button.
  if (href && matches(element, LINK) && !/^\s*(#$|javascript:)/i.test(href)) {
    if (attribute(element, 'download') != null) return 'download';
    if (/^\s*(mailto|tel|sms):/i.test(href)) return 'external';
    return elsewhere || ELSEWHERE.test(attribute(element, 'target') ?? '') ? 'newtab' : 'link';
  }
  // It does nothing by itself, whatever its fields are named.
  if (tag === 'form') return undefined;
  if (tag === 'canvas') return tag;
  if (tag === 'label' && (element as Anything).control) return tag;
  if ((element as Anything).controls) return 'media';
  // Whoever asks what is editable has styles computed; what has a type is known by it.
  if (type ? TYPED.test(type) : (element as Anything).isContentEditable) return 'text';
  return type && PICKED.test(type) ? 'select' : undefined;
}

/** Whether an element is typed or chosen into. */
export const isField = (element: Element): boolean => /text|select/.test(kindOf(element) as string);

const cursorOf = (element: Element) => getComputedStyle(element).cursor;
/** Where the whole page has that cursor, as some have for the sake of phones, it tells nothing. */
const isPointer = (element: Element) => cursorOf(element) === 'pointer' && cursorOf(document.body) !== 'pointer';

/**
 * Describes what a click hit, or undefined if it must not be told: the control that was hit; else the outermost element
 * that shares the hit one's pointer cursor; else the hit one itself. Reads computed style, so it is only called on a
 * click. `elsewhere`: the click asked for a new tab by its modifier keys.
 */
export function clicked(hit: Element, elsewhere: boolean): WireElement | undefined {
  let element = closest(hit, CONTROL);
  if (!element) {
    element = hit;
    for (let up: Element | null = hit; up && isPointer(up); up = own(up, 'parentElement')) element = up;
  }
  // Below what is told, more may be ignored.
  if (element !== hit && markOf(hit) === 'ignore') return undefined;
  // Who clicks on the choice, or the handle, that is there already changes nothing.
  const chosen = matches(element, CHOSEN);
  const kind = chosen ? 'select' : kindOf(element, elsewhere);
  // Frameworks give their containers a handler that does nothing.
  const looks =
    matches(element, CLICKABLE) ||
    isPointer(element) ||
    (!!(hit as HTMLElement).onclick && !own(hit, 'firstElementChild'));
  return described(element, looks && kind !== 'text', kind);
}

/** Describes a form or a field. */
export function described(element: Element, clickable = false, kind = kindOf(element)): WireElement | undefined {
  const nearest = marker(element);
  const mark = markOf(element, nearest);
  if (mark === 'ignore') return undefined;
  const masked = mark === 'mask';
  const tag = own(element, 'localName');
  const field = (kind === 'label' ? (element as Anything).control : element) as Anything;
  const implied = {
    a: 'link',
    input: (element as Anything).type,
    select: 'combobox',
    button: tag,
    summary: 'button',
    form: tag,
  }[tag];
  return {
    sel: selectorOf(element, masked, nearest),
    role: attribute(element, 'role')?.slice(0, 40) || (kind === 'text' ? 'textbox' : implied),
    label: masked
      ? undefined
      : labelOf(element, kind === 'label' || matches(element, BUTTON), isField(field) ? `${field.value ?? ''}` : ''),
    kind,
    click: clickable || undefined,
  };
}
