import type { Kind, WireElement } from '../wire';
import { labelOf } from './label';
import { closest, markOf, notePasswords } from './mask';
import { selectorOf } from './selector';

/** Elements that look clickable, and all that a click is about even if it hits something inside them. */
const BUTTON =
  'a[href],button,input,select,summary,[onclick],[role=button],[role=link],[role=tab],[role=option],[role=checkbox],[role=radio],[role=switch],[role^=menuitem]';
const CONTROL = `${BUTTON},textarea,label,audio,video,canvas`;

/** How the `type` of elements begins that are typed into (text, textarea, tel, search, url, email, password, number) … */
const TYPED = /^(te|sea|url|[epn])/;
/** … and of those that open a native picker (select-one, date, datetime-local, month, week, file, time, color). */
const PICKED = /^(sel|[dmwf]|ti|co)/;

type Anything = Element & Partial<HTMLAnchorElement & HTMLInputElement & HTMLMediaElement & HTMLLabelElement>;

function kindOf(element: Anything, elsewhere = false): Kind | undefined {
  const { type, protocol = '' } = element;
  const href = element.getAttribute('href');
  // A bare # goes nowhere, and `javascript:` is a button.
  if (href && href !== '#' && protocol !== 'javascript:') {
    if (element.hasAttribute('download')) return 'download';
    if (/^(mailto|tel|sms)/.test(protocol)) return 'external';
    return elsewhere || (element.target && element.target !== '_self') ? 'newtab' : 'link';
  }
  if (element.localName === 'canvas') return 'canvas';
  // Not of a form that has a field named control.
  if (element.localName === 'label' && element.control) return 'label';
  if (element.controls) return 'media';
  if (element.isContentEditable || TYPED.test(type as string)) return 'text';
  return PICKED.test(type as string) ? 'select' : undefined;
}

/** Whether an element is typed or chosen into. */
export const isField = (element: Element): boolean => /text|select/.test(kindOf(element) as string);

const isPointer = (element: Element) => getComputedStyle(element).cursor === 'pointer';

/**
 * Describes what a click hit, or undefined if it must not be told: the control that was hit; else the outermost element
 * that shares the hit one's pointer cursor; else the hit one itself. Reads computed style, so it is only called on a
 * click. `elsewhere`: the click asked for a new tab by its modifier keys.
 */
export function clicked(hit: Element, elsewhere: boolean): WireElement | undefined {
  notePasswords(hit);
  let element = closest(hit, CONTROL);
  if (!element) {
    element = hit;
    for (let up: Element | null = hit; up && isPointer(up); up = up.parentElement) element = up;
  }
  const kind = kindOf(element, elsewhere);
  const looks = element.matches(BUTTON) || isPointer(element) || !!(hit as HTMLElement).onclick;
  return described(element, looks && kind !== 'text', kind);
}

/** Describes a form or a field. */
export function described(element: Anything, clickable = false, kind = kindOf(element)): WireElement | undefined {
  const mark = markOf(element);
  if (mark === 'ignore') return undefined;
  const masked = mark === 'mask';
  const tag = element.localName;
  const implied = { a: 'link', input: element.type, select: 'combobox', button: tag, summary: 'button', form: tag }[
    tag
  ];
  return {
    sel: selectorOf(element, masked),
    role: element.getAttribute('role') || (kind === 'text' ? 'textbox' : implied),
    label: masked ? undefined : labelOf(element, clickable || kind === 'label'),
    kind,
    click: clickable || undefined,
  };
}
