import { listen } from '../lib/attach';
import { rate } from '../lib/background';
import { timeOf } from '../lib/clock';
import { clicked } from '../lib/element';
import { closest, hit } from '../lib/node';
import { after } from '../lib/quietly';
import { later } from '../lib/recorder';
import { answer, press, watch, watchResponses } from '../lib/response';
import type { Capture } from '../types';

/** A click on a label is followed at once by a click of the browser's own on the label's control (ms). */
const DERIVED = 50;

/** What takes the focus of a press, apart from fields. Some menus, beside or in it, are shown by that and a style sheet alone, so soon (ms). */
const FOCUSED = '[tabindex],button,a';
const SHOWN_AFTER = 100;

const isHidden = (element?: Element | null) =>
  element?.checkVisibility?.({ visibilityProperty: true, opacityProperty: true }) === false;

/** Records clicks, and how the page answered each. Clicks by the program are left out. */
export function clicks(): Capture {
  return later(() => {
    let last = 0;
    watchResponses();

    listen('pointerdown', (event) => {
      const focused = closest(hit(event), FOCUSED);
      if (press) press.menu = [focused?.nextElementSibling, focused?.lastElementChild].find(isHidden);
    });

    listen('click', (click: PointerEvent) => {
      const at = timeOf(click);
      // Assistive technology clicks without pressing anything, but not right after another click.
      if (!click.isTrusted || (!press && at - last < DERIVED)) return;
      last = at;
      const menu = press?.menu;
      const mods =
        (click.altKey ? 'a' : '') +
        (click.ctrlKey ? 'c' : '') +
        (click.metaKey ? 'm' : '') +
        (click.shiftKey ? 's' : '');
      // All but Alt open a link elsewhere.
      const el = clicked(hit(click), mods > 'a');
      if (!el) return;
      const fields = {
        x: click.clientX | 0,
        y: click.clientY | 0,
        bg: rate,
        detail: click.detail,
        mods: mods || undefined,
        ptr: click.pointerType || undefined,
        el,
      };
      watch('click', fields, at, () => {
        // What the app prevents does not happen by itself.
        if (click.defaultPrevented && !/text|media|canvas|select/.test(el.kind as string)) el.kind = undefined;
      });
      if (menu) after(() => isHidden(menu) || answer('mut', true), SHOWN_AFTER);
    });
  });
}
