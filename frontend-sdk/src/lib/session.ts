import { hash } from './hash';
import { read, SESSION, write } from './storage';

/** 30 min without anybody doing anything ends a session, and no session lasts longer than a day (ms). */
const IDLE = 30 * 60_000;
const LIFE = 24 * 60 * 60_000;
/** How late other tabs may learn of what is done in this one (ms). Storage is synchronous: it is not written at every event. */
const SAVE_EVERY = 1000;

/** The session, and the page view: one per document load and session. Empty before the first event. */
export let sid = '';
export let page = '';

/** When the session began, and when somebody last did something (ms, wall clock). */
let start = 0;
let last = 0;

// A clock that was set back ends a session too, rather than keeping it alive for years.
const within = (since: number, limit: number) => Math.abs(Date.now() - since) < limit;

/** What the tabs last wrote, or what we know if they cannot write. Times are read as strings of digits, good for reckoning. */
const load = () => (read(SESSION)?.split(',') ?? [sid, start, last]) as [sid: string, start: number, last: number];

function save(): void {
  last = Date.now();
  write(SESSION, `${[sid, start, last]}`);
}

/** 20 random letters and digits, 103 bits. Not `randomUUID`, which is missing on plain http. */
const randomId = () =>
  crypto.getRandomValues(new Uint8Array(20)).reduce((id, byte) => id + (byte % 36).toString(36), '');

/** Whether the page view goes on, in our tab and in the others. Somebody who is `active` keeps it alive. */
export function isAlive(active: boolean): boolean {
  const [theirs, , seen] = load();
  last = Math.max(last, seen);
  const alive = theirs === sid && within(last, IDLE) && within(start, LIFE);
  if (alive && active && !within(last, SAVE_EVERY)) save();
  return alive && !!page;
}

/** Begins a new page view, within the session of other tabs if that goes on. */
export function beginPage(): void {
  const [theirs, began, seen] = load();
  [sid, start] = within(seen, IDLE) && within(began, LIFE) ? [theirs, began] : [randomId(), Date.now()];
  page = randomId();
  save();
}

/** Forgets the page view, and of the session what is not stored. */
export function endPage(): void {
  page = '';
  start = 0;
}

/** Whether the session is in the sample (0 to 1). Its hash decides, so that it is recorded whole or not at all. */
export const isSampled = (sample: number): boolean => hash(sid) / 2 ** 32 < sample;
