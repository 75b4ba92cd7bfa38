import { attribute, matches } from './node';

/**
 * Effects of a press, and of the focus that it takes, that libraries show on every button, dead or not: what is painted over it
 * (ripples of Material, MUI, Vuetify and PrimeVue, waves of Ant Design and Naive UI) …
 */
const RIPPLE = /ripple|p-ink|(nt|se)-wave/i;
/**
 * … classes that it or the page has meanwhile (Ionic, Quasar, DevExtreme, Framework7; of the focus, had or lost: Fluent UI, Blueprint, AG Grid, editors),
 * and what React Aria and Material have in the style …
 */
const PRESSED = /ripple|p-ink|(nt|se)-wave|^$|^ion-act|^q-btn--a|(x|ve)-state|blur|focus(?!.?mode)|user-select/i;
/** A class, or what a style declares; and nothing, between two of them. */
const PARTS = /(:\s[^;]*|[^;\s])*/g;
/**
 * … and attributes (React Aria, Headless UI, Radix, what-input, PrimeReact, Shoelace), as are its place in the order of tabs and what is
 * active in a list, which rove with the focus, and what describes it: a tooltip …
 */
const PRESSED_BY = /^(tabi|aria-(act|des)|data-((p-)?foc|hov|high|press|what|headl|user-v|active (?!undef)))/;
/** … those that it has until its click alone (UI5, Vaadin; of a tooltip that it closes: Radix, Chakra): what it opens may have them, too … */
const PRESSED_NOW = /^(active$|data-(state|expa))/;
/** … and the tooltip that is gone. Bootstrap has popovers named so, which people close on purpose. */
const TOOLTIP = '[role=tooltip]:not(.popover)';

/** Whether it is there to be seen only. A button may well be named after the ripple that it has. */
const isRipple = (node: Element | undefined) =>
  node &&
  RIPPLE.test(`${node.localName}.${node.className} ${(node.parentNode as ShadowRoot | null)?.host?.localName}`) &&
  (node as HTMLElement).tabIndex < 0 &&
  !node.textContent;

const isTooltip = (node: Element) => matches(node, TOOLTIP) || Element.prototype.querySelector.call(node, TOOLTIP);

/** Whether a mutation is an effect of a press, or of the focus that it takes. `press`: one that has no click yet. */
export function isEffect(
  { attributeName, oldValue, target, addedNodes, removedNodes }: MutationRecord,
  press: unknown,
): unknown {
  const element = target as HTMLElement;
  const node = (addedNodes[0] ?? removedNodes[0]) as Element | undefined;
  // A text is none, and of all that mutates most are texts. AG Grid tells screen readers more of whatever is pressed.
  if (node?.nodeType === 3) return /^ag-ar/.test(element.className);
  if (isRipple(element)) return true;
  // Ant Design puts its wave into a bare `div`, which no button may hold.
  if (!attributeName)
    return (
      isRipple(node) ||
      (element.localName === 'button' && node?.localName === 'div' && !node.className) ||
      (node?.nodeType === 1 && !addedNodes[0] && window.event?.type !== 'click' && isTooltip(node))
    );
  if (
    PRESSED_BY.test(`${attributeName} ${element.dataset?.headlessuiState}`) ||
    (press && PRESSED_NOW.test(attributeName))
  )
    return true;
  if (!/^(class|style)$/.test(attributeName)) return false;
  const parts = (value: string | null) => (value ?? '').match(PARTS) as string[];
  const before = parts(oldValue);
  const after = parts(attribute(element, attributeName));
  return [...before, ...after].every((part) => before.includes(part) === after.includes(part) || PRESSED.test(part));
}
