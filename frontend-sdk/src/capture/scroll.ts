import { listen } from '../lib/attach';
import { now, since } from '../lib/clock';
import { described } from '../lib/element';
import { later, record } from '../lib/recorder';
import { current, inputAt, WATCHED, watchResponses } from '../lib/response';
import type { Capture } from '../types';

/** A shorter stroke (px) is a correction. */
const FROM = 100;

/** Records strokes: a run of scrolling in one direction, if it ended by a reversal. */
export function scrolls(): Capture {
  return later(() => {
    watchResponses();
    let scroller: EventTarget | undefined;
    /** Where and when the stroke began, and was seen last. */
    let start: number;
    let size: number;
    let startAt: number;
    let last: number;
    let lastAt: number;

    listen('scroll', (event) => {
      const target = event.target;
      const at = now();
      const element = target.scrollingElement ?? target;
      // A page scrolls down or sideways, not both at once.
      const place = Math.round(element.scrollTop + element.scrollLeft);
      // What is put in above pushes the rest down, however somebody scrolls.
      if (target !== scroller || size !== element.scrollHeight) {
        size = element.scrollHeight;
        scroller = target;
        start = last = place;
        startAt = at;
      }
      const dist = last - start;
      if (dist * (place - last) < 0) {
        const el = target !== document && described(element);
        // Carousels and tickers scroll to and fro by themselves, and what scrolls after a click is the page.
        if (Math.abs(dist) >= FROM && el !== undefined && since(inputAt) <= WATCHED && current?.type !== 'click')
          record('scroll', { el: el || undefined, dist, dur: lastAt - startAt }, lastAt);
        start = last;
        startAt = lastAt;
      }
      last = place;
      lastAt = at;
    });
  });
}
