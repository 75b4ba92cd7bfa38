import { listen } from '../lib/attach';
import { timeOf } from '../lib/clock';
import { described } from '../lib/element';
import { hit } from '../lib/node';
import { after } from '../lib/quietly';
import { later, onLeave, record } from '../lib/recorder';
import type { Capture } from '../types';
import type { WireElement } from '../wire';

/** Shorter moves (px) are the trembling of a hand. */
const STEP = 8;
/** A spell is told if it has so many turns within so many ms; it ends so many ms after it had them. */
const TURNS = 5;
const WINDOW = 2000;
/** A page that is told of no move for so long (ms) may have been busy, and is told of all at once. */
const BUSY = 100;

/** Records spells in which the pointer goes to and fro with no button held, except over drawing surfaces. */
export function pointers(): Capture {
  return later(() => {
    /** Where the latest move led, on the screen, as frames have corners of their own; and from where; how far all have led (px). */
    let x: number;
    let y: number;
    let dx: number;
    let dy: number;
    let way = 0;
    /** When it turned back in the last 2 s, and how long the way was until then. */
    let back: Array<[at: number, way: number]> = [];
    /** The spell that is going on: when it began and was last seen, what it was over then, and the most within any 2 s of it. */
    let start: number;
    let last: number;
    let over: WireElement | undefined;
    let turns = 0;
    let dist = 0;

    function end(): void {
      if (turns && over) record('pointer', { el: over, turns, dist: Math.round(dist), dur: last - start }, last);
      turns = dist = 0;
      back = [];
    }

    /** When the latest event came. */
    let cameAt = 0;

    // Moves are the most frequent of events. Only a turn is worth more than some sums.
    function move({ screenX: nextX, screenY: nextY, timeStamp }: PointerEvent, event: PointerEvent): void {
      // What is NaN before the second move is neither near nor a turn.
      const toX = nextX - x;
      const toY = nextY - y;
      const far = Math.hypot(toX, toY);
      if (far < STEP) return;
      const turned = toX * dx + toY * dy < 0;
      x = nextX;
      y = nextY;
      dx = toX;
      dy = toY;
      way += far || 0;
      if (!turned) return;
      const at = timeOf(event) + Math.round(timeStamp - event.timeStamp);
      const target = hit(event);
      // What was drawn or dragged has no turns.
      if (event.buttons || target.localName === 'canvas') back = [];
      else back.push([at, way - far]);
      while (back[0] && back[0][0] <= at - WINDOW) back.shift();
      const [first] = back;
      if (!first || back.length < TURNS) return;
      if (!turns) {
        [start] = first;
        // Once the page has removed it, nobody knows whether it was masked.
        over = described(target);
        after(end, WINDOW);
      }
      last = at;
      turns = Math.max(turns, back.length);
      dist = Math.max(dist, way - first[1]);
    }
    listen('pointermove', (event: PointerEvent) => {
      const { timeStamp } = event;
      const all = timeStamp - cameAt > BUSY ? event.getCoalescedEvents?.() : [];
      cameAt = timeStamp;
      if (all?.[1]) for (const one of all) move(one, event);
      else move(event, event);
    });
    onLeave(end);
  });
}
