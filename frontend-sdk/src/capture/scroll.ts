import { listen } from '../lib/attach';
import { now, since } from '../lib/clock';
import { described, isField } from '../lib/element';
import { later, record } from '../lib/recorder';
import { current, inputAt, WATCHED, watchResponses } from '../lib/response';
import type { Capture } from '../types';

/** A shorter stroke (px) is a correction. */
const FROM = 100;

/** Records strokes: a run of scrolling in one direction, if it ended by a reversal. */
export function scrolls(): Capture {
  return later(() => {
    watchResponses();
    /** Of each scroller, as one may follow the other: its size, and where and when its stroke began, and was seen last. */
    type Strokes = WeakMap<EventTarget, [size: number, start: number, startAt: number, last: number, lastAt: number]>;
    const down: Strokes = new WeakMap();
    const sideways: Strokes = new WeakMap();

    function scrolled(strokes: Strokes, target: Document & Element, element: Element, to: number): void {
      const at = now();
      const place = Math.round(to);
      const size = element.scrollHeight;
      let [known, start, startAt, last, lastAt] = strokes.get(target) ?? ([] as never);
      // What is put in above pushes the rest down, however somebody scrolls; and what moves against the wheel snaps to its place.
      const wheel = (current as Partial<WheelEvent>)?.[strokes === down ? 'deltaY' : 'deltaX'] as number;
      const moved = known !== size || wheel * (place - last) < 0;
      if (moved) {
        start = last = place;
        startAt = at;
      }
      if (!moved && place === last) return;
      const dist = last - start;
      if (dist * (place - last) < 0) {
        // How wide what was typed is would tell how long it is.
        const isTyped =
          isField(element) ||
          (strokes === sideways && Element.prototype.querySelector.call(element, '[contenteditable]'));
        const el = target !== document && (isTyped ? undefined : described(element));
        // Carousels and tickers scroll to and fro by themselves, and what scrolls after a click is the page.
        if (Math.abs(dist) >= FROM && el !== undefined && since(inputAt) <= WATCHED && current?.type !== 'click')
          record('scroll', { el: el || undefined, dist, dur: lastAt - startAt }, lastAt);
        start = last;
        startAt = lastAt;
      }
      strokes.set(target, [size, start, startAt, place, at]);
    }

    listen('scroll', ({ target }) => {
      const element = target.scrollingElement ?? target;
      // Who goes down, then sideways, has not turned back.
      scrolled(down, target, element, element.scrollTop);
      scrolled(sideways, target, element, element.scrollLeft);
    });
  });
}
