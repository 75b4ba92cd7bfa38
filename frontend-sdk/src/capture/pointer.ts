import { listen } from '../lib/attach';
import { whole } from '../lib/clock';
import { described } from '../lib/element';
import { onLeave, record } from '../lib/recorder';
import type { Capture } from '../types';

/** Shorter moves (px) are the trembling of a hand. */
const STEP = 8;
/** A spell is told if it has so many turns within so many ms; it ends so many ms after it had them. */
const TURNS = 5;
const WINDOW = 2000;

/** Records spells in which the pointer goes to and fro with no button held, except over drawing surfaces. */
export function pointers(): Capture {
  return () => {
    /** The moves of the last 2 s: when, how far (px), and whether it turned back. */
    let moves: Array<[at: number, far: number, turned: boolean]> = [];
    /** Where the latest move led, and from where. */
    let x: number;
    let y: number;
    let dx: number;
    let dy: number;
    /** The spell that is going on: when it began and was last seen, what it was over, and the most within any 2 s of it. */
    let start: number;
    let last: number;
    let over: Element;
    let turns = 0;
    let dist = 0;

    function end(): void {
      const el = turns && described(over);
      if (el) record('pointer', { el, turns, dist: whole(dist), dur: whole(last - start) }, last);
      turns = dist = 0;
      moves = [];
    }

    listen('pointermove', (event: PointerEvent) => {
      // There is nothing to reckon with before the second move; what is NaN till then is neither far nor a turn.
      const [toX, toY] = [event.x - x, event.y - y];
      const far = Math.hypot(toX, toY);
      if (far < STEP) return;
      const turned = toX * dx + toY * dy < 0;
      [x, y, dx, dy] = [event.x, event.y, toX, toY];
      const at = event.timeStamp;
      const target = event.target as Element;
      if (event.buttons || target.closest('canvas')) moves = [];
      moves = moves.filter((move) => move[0] > at - WINDOW);
      moves.push([at, far || 0, turned]);
      const back = moves.filter((move) => move[2]).length;
      if (back < TURNS) return;
      if (!turns) {
        start = (moves[0] as (typeof moves)[0])[0];
        setTimeout(end, WINDOW);
      }
      last = at;
      over = target;
      turns = Math.max(turns, back);
      dist = Math.max(
        dist,
        moves.reduce((sum, move) => sum + move[1], 0),
      );
    });
    onLeave(end);
  };
}
