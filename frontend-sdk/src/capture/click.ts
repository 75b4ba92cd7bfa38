import { now } from '../lib/clock';
import { clicked } from '../lib/element';
import { type Responses, watchResponses } from '../lib/response';
import type { Capture } from '../types';

/** A click on a label is followed at once by a click of the browser's own on the label's control (ms). */
const DERIVED = 50;

/** Records clicks, and how the page answered each. Clicks by the program are left out. */
export function clicks(): Capture {
  return (recorder) => {
    const responses: Responses = recorder.use(watchResponses);
    let presses = 0;
    let last = Number.NEGATIVE_INFINITY;

    recorder.listen(window, 'click', (click: PointerEvent) => {
      const hit = click.composedPath()[0];
      if (!click.isTrusted || !(hit instanceof Element)) return;
      const at = Math.min(click.timeStamp, now());
      // Assistive technology clicks without pressing anything, but not right after another click.
      const derived = responses.presses() === presses && at - last < DERIVED;
      presses = responses.presses();
      last = at;
      if (derived) return;

      const { altKey, ctrlKey, metaKey, shiftKey } = click;
      const el = clicked(hit, ctrlKey || metaKey || shiftKey);
      const event = el && recorder.open('click', at, el);
      if (!event) return;
      const mods = (altKey ? 'a' : '') + (ctrlKey ? 'c' : '') + (metaKey ? 'm' : '') + (shiftKey ? 's' : '');
      Object.assign(event, {
        x: Math.round(click.clientX),
        y: Math.round(click.clientY),
        bg: responses.background(),
        detail: click.detail,
        ...(mods && { mods }),
        ...(click.pointerType && { ptr: click.pointerType }),
        ...(click.button && { button: click.button }),
      });
      responses.watch(event, () => {
        // What the app prevents does not happen by itself.
        if (click.defaultPrevented && el.kind && /^(link|newtab|download|external|label)$/.test(el.kind))
          delete el.kind;
      });
    });
  };
}
