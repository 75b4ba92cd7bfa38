import type { Batch, WireEvent } from '../wire';
import { listen } from './attach';
import { origin } from './clock';
import { after, quietly } from './quietly';
import { read, SESSION, STORED, WITHDRAWN, write } from './storage';

/** The browser gives all keepalive requests of a page 64 KiB together; some room is left to the page's own. */
const KEEPALIVE_BUDGET = 60_000;
/** Events kept while nothing can be delivered. The oldest batches are dropped first. */
const MAX_KEPT = 500;
/** Retries wait a random time up to 1 s, 2 s, 4 s … 60 s. */
const MAX_DELAY = 60;
/** So long an answer is waited for (ms). It would hold up all that waits behind it. */
const ANSWER_WITHIN = 60_000;
/** The server may ask for more time, up to so much (s): a timer of more than 2³¹ ms is due at once. */
const MAX_ASKED = 1e6;
/** An ad blocker looks like a dead network. After so many dead requests in a row while online we leave the page in peace. */
const MAX_BLOCKED = 3;
/** Each page that is left sends so many batches, the latest: all are stored anyway. */
const MAX_AT_ONCE = 3;

let url: string;
let giveUp: (refused: boolean) => void;
let fetch: typeof window.fetch;
let waiting: Batch[] = [];
/** Whether all were sent at once because the page was left. */
let left = true;
let timer: ReturnType<typeof setTimeout> | undefined;
/** How many requests have no answer yet. */
let underWay = 0;
let blocked: number;
let closed = true;
/** Events that were given up, and that no batch tells of yet. */
let lost: number;
/** Until when the server has asked to be left in peace. */
let peace: number;

/** How the names begin under which pages store what this key is to deliver; other apps of the site may have keys of their own. */
let places: string;
/** Where this page stores. With one place for all, tabs that store at once would overwrite each other's. */
let place: string;

/** Leaves what waits to the next page, in place of what this one left before. Returns whether it could. */
const save = () => write(place, waiting[0] && JSON.stringify(waiting));

/** Removes what pages have left under such names, and tells `found` of it. */
const clear = quietly((names: string, found?: (text: string) => void) => {
  for (const key of Object.keys(localStorage))
    if (key.startsWith(names)) {
      const text = localStorage[key];
      write(key);
      found?.(text);
    }
});

/** The body of a request. The clocks are read at every try, so that the server can tell their skew. */
function encode(batch: Batch): string {
  batch.lost = (batch.lost ?? 0) + lost || undefined;
  lost = 0;
  return JSON.stringify({
    ...batch,
    // A batch of a former page counts from that page's origin.
    sentMono: Math.max(0, Math.round(origin + performance.now()) - batch.origin),
    sentWall: Date.now(),
  });
}

/** Counts what is given up, and what was to be told with it. */
function drop({ events, lost: untold = 0 }: Batch): void {
  lost += events.length + untold;
}

async function post(batch: Batch, body?: BodyInit, keepalive?: boolean): Promise<void> {
  let status: number | undefined;
  let asked: string | null | undefined;
  underWay++;
  // What somebody has replaced may throw, or return what is no answer.
  try {
    body ??= encode(batch);
    // What awaits anything before it is sent would die with the page. Of what a Blob would cost, this costs a quarter.
    if (!keepalive && window.CompressionStream)
      body = await new Response(new Response(body).body?.pipeThrough(new CompressionStream('gzip'))).arrayBuffer();
    // It may have been erased meanwhile. A body without a type, or of text, needs no CORS preflight. The referrer could tell
    // the query of the page's address.
    if (waiting.includes(batch)) {
      const answer = await fetch(url, {
        method: 'POST',
        body,
        keepalive,
        credentials: 'omit',
        referrerPolicy: 'origin',
        signal: AbortSignal.timeout?.(ANSWER_WITHIN),
      });
      status = answer.status;
      asked = answer.headers.get('Retry-After');
      if (status === 200) {
        // The page that an app shows where it is offline, or of a login, has accepted nothing.
        if (/html/.test(answer.headers.get('Content-Type') as string)) status = 0;
        const { rejected } = await answer.json();
        status = 200;
        lost += rejected.length;
      }
    }
  } catch {}
  underWay--;
  const retryAfter = Number(asked) || (Date.parse(asked as string) - Date.now()) / 1000 || 0;
  quietly(settle)(batch, status ?? 0, Math.max(0, retryAfter), keepalive);
}

/** @param retryAfter s, which it was asked for, or which are left until a date */
function settle(batch: Batch, status: number, retryAfter: number, keepalive?: boolean): void {
  // The answer to what was erased, given up or accepted in the meantime says nothing.
  if (!waiting.includes(batch)) {
    next();
    return;
  }
  const events = batch.events;
  let delay = 0;
  // No server that has answered is an ad blocker. The page's own keepalive requests may have left no room for ours.
  blocked += status ? Number.NEGATIVE_INFINITY : keepalive || !navigator.onLine ? 0 : 1;
  const refused = /40[13]/.test(status as never);
  closed = refused || blocked >= MAX_BLOCKED;
  if (closed) {
    giveUp(refused);
    return;
  }
  // Sent again is what had no answer at all (0) or one that may change.
  if (/^(0|408|429|5..)$/.test(status as never)) {
    peace = performance.now() + retryAfter * 1000;
    delay = retryAfter + Math.random() * Math.min(MAX_DELAY, 2 ** batch.try++);
  } else if (status === 413 && events[1]) {
    // Too large: it gets another chance, in two halves.
    waiting.push({ ...batch, lost: 0, events: events.splice(events.length >> 1) });
  } else {
    if (status !== 200) drop(batch);
    waiting = waiting.filter((other) => other !== batch);
  }
  // The system may kill the page without a word.
  if (delay || read(place)) save();
  clearTimeout(timer);
  timer = after(() => {
    peace = 0;
    next();
  }, Math.min(delay, MAX_ASKED) * 1000);
}

function next(): void {
  if (waiting[0] && !closed && !underWay && performance.now() >= peace) post(waiting[0]);
}

/**
 * Opens the way to the server.
 *
 * @param givenUp called when there is no sense in going on: the key is refused, or everything is blocked
 */
export function connect(endpoint: string, givenUp: (refused: boolean) => void): void {
  url = endpoint;
  places = `${STORED + url} `;
  place = places + performance.timeOrigin;
  giveUp = givenUp;
  // Taken before anything is patched: our own requests are nobody's fact.
  fetch = window.fetch;
  closed = false;
  blocked = lost = peace = 0;
  listen('online', next, window);
}

/** Delivers batches one after the other, and retries each whole until the server has answered for it. */
export function deliver(batch: Batch): void {
  left = false;
  waiting.push(batch);
  while (waiting.flatMap(({ events }) => events).length > MAX_KEPT) drop(waiting.shift() as Batch);
  // Otherwise a retry is due or an answer is awaited, and the batch waits its turn. Not at once: whoever leaves closes a batch and then
  // sends all, and would take this one for one that gets no answer.
  if (!waiting[1]) after(next);
  else save();
}

/** What is no batch throws. One that several pages have left would push others out. */
function take(batch: Batch): void {
  const [{ n }] = batch.events as [WireEvent];
  if (!waiting.some(({ page, events }) => page === batch.page && events[0]?.n === n)) deliver(batch);
}

/** Sends what former pages, and pages that are still open, could not deliver. */
export function resume(): void {
  clear(
    places,
    quietly((text) => {
      for (const batch of JSON.parse(text) as Batch[]) quietly(take)(batch);
    }),
  );
  // This page may be killed before any of it was accepted.
  save();
}

/**
 * Sends what waits, as the page may be gone after this call, and stores it: nobody sees the answer. Where it arrives, the next
 * page sends it once more, and the server knows it by its ids. What is under way is sent again, because what is being
 * compressed would die with the page.
 */
export function leave(): void {
  if (left) return;
  left = true;
  let room = closed || performance.now() < peace ? 0 : KEEPALIVE_BUDGET;
  // Where nothing can be stored, all.
  for (const batch of waiting.slice(save() ? -MAX_AT_ONCE : 0)) {
    const body = new Blob([encode(batch)]);
    room -= body.size;
    if (room > 0) post(batch, body, true);
  }
}

/**
 * Whether all that was stored is erased as well: batches that were not delivered, by any page, and the session; or, of what was
 * withdrawn elsewhere and may have been granted again since, what this page has stored alone.
 */
export type Erasing = 'everywhere' | 'here' | undefined;

/** Ends all activity. */
export function disconnect(erase?: Erasing): void {
  closed = true;
  waiting = [];
  clearTimeout(timer);
  if (erase) clear(erase === 'here' ? place : STORED);
  if (erase !== 'everywhere') return;
  write(SESSION, WITHDRAWN);
  write(SESSION);
}
