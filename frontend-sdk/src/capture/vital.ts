import { listen, onStop } from '../lib/attach';
import { timeOf } from '../lib/clock';
import { described } from '../lib/element';
import { closest } from '../lib/node';
import { quietly } from '../lib/quietly';
import { later, record } from '../lib/recorder';
import { inputAt, observations } from '../lib/response';
import type { Capture } from '../types';

/** Slower interactions (ms) are told; below, Event Timing calls them good. https://web.dev/articles/inp */
const SLOW = 200;
/** A shift so long before a click (ms) has moved what the user aimed at. */
const AIMING = 500;
/** In so long there are so many frames. */
const MOST_SHIFTS = 30;
/** Browsers name no more of what a shift has moved. https://wicg.github.io/layout-instability/#sec-layout-shift-attribution */
const MOST_SOURCES = 5;

/** Not in the DOM types of TypeScript 5.9. https://wicg.github.io/layout-instability/, https://w3c.github.io/event-timing/ */
interface Entry extends PerformanceEventTiming {
  interactionId: number;
  hadRecentInput: boolean;
  sources: Array<{ node: Node | null; previousRect: DOMRect; currentRect: DOMRect }>;
}

/** Records slow interactions, and of clicks that a layout shift moved their target. */
export function vitals(): Capture {
  return later(() => {
    let shifts: Entry[] = [];
    const told = new Set<unknown>();

    function take(list: PerformanceObserverEntryList): void {
      // One interaction has several events. The longest counts.
      for (const entry of (list.getEntries() as Entry[]).sort((a, b) => b.duration - a.duration)) {
        const { interactionId, target } = entry;
        // What follows an input at once is its answer. Interactions know no such thing.
        if (entry.hadRecentInput === false) shifts = [entry, ...shifts.slice(0, MOST_SHIFTS - 1)];
        if (!interactionId || told.has(interactionId)) continue;
        // Which option was chosen is content.
        // What the page has removed by its answer is known by its click.
        const el = target
          ? described(closest(target as Element, 'select') ?? (target as Element))
          : [...observations].find(({ at }) => at > entry.startTime - 1 && at < entry.startTime + entry.duration)?.event
              .el;
        const how = /key/.test(entry.name) ? 'key' : 'pointer';
        // One of each element: so many slow keys would tell how much is typed, also where only the host of what is typed into is known.
        const id = el && how === 'key' ? el.sel : interactionId;
        // Of what is ignored inside of a shadow root, only the host is known here.
        if (el && inputAt > 0 && !told.has(id))
          record('interaction', { el, dur: entry.duration, how }, Math.round(entry.startTime));
        told.add(interactionId).add(id);
      }
    }

    const observer = new PerformanceObserver(quietly(take));
    // Asked for what they do not know, some browsers print a warning.
    for (const type of ['event', 'layout-shift'])
      if (PerformanceObserver.supportedEntryTypes.includes(type))
        observer.observe({ type, durationThreshold: SLOW } as PerformanceObserverInit);
    onStop(() => observer.disconnect());

    listen('click', (click: PointerEvent) => {
      const clickedAt = timeOf(click);
      // What an entry tells is only made when it is asked for, and takes its time.
      const aimedOver = shifts.filter(({ startTime }) => clickedAt - startTime < AIMING);
      const path = click.composedPath();
      for (const { event, at } of aimedOver[0] ? observations : []) {
        let x = 0;
        let y = 0;
        for (const { startTime, sources } of at === clickedAt ? aimedOver : []) {
          // Of a long list, the first rows alone: what stands above has moved the rest as well.
          const source =
            sources.find(({ node }) => node && path.includes(node)) ??
            (sources[MOST_SOURCES - 1] &&
              sources.find(
                ({ node, currentRect }) => path.includes(node?.parentNode as Node) && currentRect.y < click.y,
              ));
          if (!source) continue;
          // All together: what slides moves a little with every frame.
          x += source.currentRect.x - source.previousRect.x;
          y += source.currentRect.y - source.previousRect.y;
          event.shift = Math.round(Math.hypot(x, y));
          event.shiftAgo ??= Math.round(at - startTime);
        }
      }
    });
  });
}
