import { listen, patch } from './attach';
import type { Around } from './patch';

/** What a field shows. It is compared, and goes nowhere. */
const shown = ({ value, checked, selected }: HTMLInputElement & HTMLOptionElement) => `${value} ${checked} ${selected}`;

/**
 * Tells `changed` what a script changes without mutating the document: what a field shows (a stepper, a calculator, "select
 * all"), animations, rules of style sheets, and what a frame shows. Asks first whether anybody is `watching`: fields are set all the
 * time, and most of them to what they show already.
 */
export function watchUnseen(watching: () => unknown, changed: (what: object, aspect: string) => void): void {
  const field: Around = (_, self) => {
    if (!watching()) return undefined;
    const before = shown(self);
    return () => {
      if (shown(self) !== before) changed(self, 'value');
    };
  };
  for (const name of ['Input', 'TextArea', 'Select', 'Option']) {
    const { prototype } = window[`HTML${name as 'Input'}Element`];
    patch(prototype, 'value checked valueAsNumber selectedIndex selected', field, 'set');
    patch(prototype, 'stepUp stepDown', field);
  }

  const itself: Around = (_, self) => changed(self, 'itself') as undefined;
  patch(Element.prototype, 'animate', itself);
  patch(CSSStyleSheet.prototype, 'insertRule deleteRule replace replaceSync', itself);
  listen('load', ({ target }) => target.contentWindow && changed(target, 'itself'), document);
}
