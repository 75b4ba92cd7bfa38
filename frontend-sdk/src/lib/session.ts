import { asOf, origin as currentOrigin, now, told, wake } from './clock';
import { after } from './quietly';
import { read, SESSION, write } from './storage';

/** 30 min without anybody doing anything ends a session, and no session lasts longer than a day (ms). */
const IDLE = 30 * 60_000;
const LIFE = 24 * 60 * 60_000;
/** How late other tabs may learn of what is done in this one (ms). Storage is synchronous: it is not written at every event. */
const SAVE_EVERY = 1000;
/** A time in base 36 has so many digits from 1972 to 2059. */
const TIME = 8;

/** The session, and the page view: one per document load and session. Empty before the first event. */
export let sid = '';
export let page = '';
/** The page view's time origin on the wall clock. After a sleep it is not the document's any more. */
export let origin: number;
/** Whether it is stored, for other tabs and pages to know of. */
export let shared: true | undefined;

/** When somebody last did something: on the wall clock, and since the document's time origin (ms). */
let last = 0;
let lastAt: number;
/** Runs until nobody has done anything for so long that the session is about to end. */
let timer: ReturnType<typeof setTimeout> | undefined;

/** Tells other tabs and pages that somebody is there. */
function share(): void {
  if (!sid) return;
  // Where nothing can be written, what was written once must not count for ever.
  shared = write(SESSION, `${[sid, last]}`);
  if (!shared) write(SESSION);
}

/** The time and some 52 random bits. Not `randomUUID`, which is missing on plain http. */
const newId = () => Date.now().toString(36) + Math.random().toString(36).slice(2);

/**
 * Whether there is a page view that goes on. Somebody who is `active` keeps it alive, in our tab and in the others; and begins
 * a new one if there is none, within the session of other tabs if that goes on. Then `close` is called while the old one, if any,
 * is still there. `'idle'`: nobody has done anything in this tab for so long that the session is about to end. If the machine
 * slept then, it is called when it is awake again, as of that moment.
 */
export function goesOn(active: boolean, close: (how?: 'idle') => void): boolean {
  const at = Date.now();
  // A clock that was set back ends a session too, rather than keeping it alive for years.
  const within = (then: number, limit: number) => Math.abs(at - then) < limit;
  // Storage is slow. Nothing ends within a second.
  if (told || (page && within(last, SAVE_EVERY))) return true;

  function tell(): void {
    if (!timer) return;
    timer = clearTimeout(timer) as undefined;
    wake();
    // While it lasts: what is told after its end belongs to nobody.
    asOf(lastAt + IDLE - SAVE_EVERY, () => close('idle'));
  }

  if (at - last >= IDLE) tell();
  // What the tabs last wrote, or what we know if they cannot write. A string of digits is good for reckoning.
  const [theirs, seen] = (read(SESSION)?.split(',') ?? [sid, last]) as [sid: string, seen: number];
  const latest = Math.max(last, seen);
  // A session's id begins with the time when it began.
  const alive = within(latest, IDLE) && within(parseInt(theirs.slice(0, TIME), 36), LIFE);
  const before = page;
  if (!page || !alive || theirs !== sid) {
    if (!active) return false;
    close();
    sid = alive ? theirs : newId();
    page = newId();
    wake();
    origin = currentOrigin;
  }
  if (active) {
    last = at;
    lastAt = now();
    // What takes time is to write. What goes on is written once the page has had the event.
    if (page === before) after(share);
    else share();
    clearTimeout(timer);
    timer = after(tell, IDLE - SAVE_EVERY);
  }
  return true;
}

/** Forgets the page view, and of the session what is not stored. */
export function endPage(): void {
  timer = clearTimeout(timer) as undefined;
  sid = page = '';
  shared = undefined;
}

/**
 * Whether the session is in the sample (0 to 1). Its random digits decide, so that it is recorded whole or not at all. Of what is
 * no number (`50%`), all are: who gets too much sees what is wrong, who gets nothing does not.
 */
export const isSampled = (sample: number): boolean => !(parseInt(sid.slice(TIME, TIME + 4), 36) / 36 ** 4 >= sample);
