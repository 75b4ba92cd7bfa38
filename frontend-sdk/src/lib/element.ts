import type { Kind, WireElement } from '../wire';
import { labelOf } from './label';
import { markOf } from './mask';
import { selectorOf } from './selector';

const ROLES = /^(button|link|tab|option|checkbox|radio|switch|(menu|tree)item.*)$/;

/** Elements that a click is about, even if it hits something inside them. */
const CONTROL = 'a[href],area[href],button,input,select,textarea,summary,label,audio,video,canvas,[role],[onclick]';

/** Input types that a click opens a native picker for. */
const PICKERS = /^(date|time|month|week|datetime-local|color|file)$/;
/** Input types that are no text entry. */
const BUTTONS = /^(button|submit|reset|image|checkbox|radio|range)$/;

export const isField = (element: Element): element is HTMLElement =>
  (element.matches('input,textarea,select') &&
    !/^(button|submit|reset|image)$/.test((element as HTMLInputElement).type)) ||
  (element as HTMLElement).isContentEditable === true;

function kindOf(element: Element, elsewhere: boolean): Kind | undefined {
  const { localName: tag, type } = element as HTMLInputElement;
  if (tag === 'a' || tag === 'area') {
    const { protocol, target } = element as HTMLAnchorElement;
    const href = element.getAttribute('href');
    // A bare # goes nowhere and `javascript:` is a button.
    if (!href || href === '#' || protocol === 'javascript:') return undefined;
    if (element.hasAttribute('download')) return 'download';
    if (protocol && !/^(https?|blob|data|file):$/.test(protocol)) return 'external';
    return elsewhere || (target && !/^_(self|top|parent)$/i.test(target)) ? 'newtab' : 'link';
  }
  if (tag === 'select' || tag === 'option') return 'select';
  if (tag === 'input') return PICKERS.test(type) ? 'select' : BUTTONS.test(type) ? undefined : 'text';
  if (tag === 'textarea' || (element as HTMLElement).isContentEditable) return 'text';
  if (tag === 'audio' || tag === 'video') return (element as HTMLMediaElement).controls ? 'media' : undefined;
  if (tag === 'canvas') return 'canvas';
  return tag === 'label' && (element as HTMLLabelElement).control ? 'label' : undefined;
}

function impliedRole(element: Element, kind: Kind | undefined): string | undefined {
  const { localName: tag, type } = element as HTMLInputElement;
  if (tag === 'a' || tag === 'area') return 'link';
  if (kind === 'text') return 'textbox';
  if (tag === 'select') return 'combobox';
  if (tag === 'input')
    return type === 'checkbox' || type === 'radio' ? type : BUTTONS.test(type) ? 'button' : undefined;
  return tag === 'button' || tag === 'summary' ? 'button' : tag === 'form' || tag === 'img' ? tag : undefined;
}

const isPointer = (element: Element) => getComputedStyle(element).cursor === 'pointer';

/** The control that was hit; else the outermost element that shares the hit one's pointer cursor; else the hit one itself. */
function controlOf(hit: Element): { element: Element; clickable: boolean } {
  for (let scope: Element | undefined = hit; scope; ) {
    for (let element = scope.closest(CONTROL); element; element = element.parentElement?.closest(CONTROL) ?? null) {
      const role = element.getAttribute('role');
      const native = /^(a|area|button|summary|select)$/.test(element.localName);
      if (native || element.localName === 'input')
        return { element, clickable: native || kindOf(element, false) !== 'text' };
      if (role ? ROLES.test(role) : element.hasAttribute('onclick')) return { element, clickable: true };
      if (!role) return { element, clickable: isPointer(element) };
    }
    const root = scope.getRootNode();
    scope = root instanceof ShadowRoot ? root.host : undefined;
  }
  let element = hit;
  const clickable = isPointer(hit);
  if (clickable)
    for (let up = hit.parentElement; up && isPointer(up) && up !== document.body; up = up.parentElement) element = up;
  return { element, clickable: clickable || typeof (hit as HTMLElement).onclick === 'function' };
}

/**
 * Describes what a click hit, or undefined if it must not be told (`data-irk-ignore`). Reads computed style, so it is
 * only called on a click. `elsewhere`: the click asked for a new tab by its modifier keys.
 */
export function clicked(hit: Element, elsewhere: boolean): WireElement | undefined {
  const { element, clickable } = controlOf(hit);
  return described(element, clickable, kindOf(element, elsewhere));
}

/** Describes an element that is known, a form or a field. */
export function described(
  element: Element,
  clickable = false,
  kind: Kind | undefined = undefined,
): WireElement | undefined {
  const mark = markOf(element);
  if (mark === 'ignore') return undefined;
  const masked = mark === 'mask';
  const role = element.getAttribute('role') || impliedRole(element, kind ?? kindOf(element, false));
  const label = masked ? undefined : labelOf(element, clickable || element.localName === 'label');
  return {
    sel: selectorOf(element, masked),
    ...(role && { role }),
    ...(label && { label }),
    ...(kind && { kind }),
    ...(clickable && { click: true }),
  };
}
