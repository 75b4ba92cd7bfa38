import type { Batch } from '../wire';
import { listen } from './attach';
import { since } from './clock';
import { quietly } from './quietly';
import { keys, read, write } from './storage';

/** The browser gives all keepalive requests of a page 64 KiB together; some room is left to the page's own. */
const KEEPALIVE_BUDGET = 60_000;
/** Below this many bytes compression saves less than it costs. */
const COMPRESS_FROM = 1024;
/** Events kept while nothing can be delivered. The oldest batches are dropped first. */
const MAX_KEPT = 500;
/** Retries wait a random time up to 1 s, 2 s, 4 s … 60 s. */
const MAX_DELAY = 60_000;
/** An ad blocker looks like a dead network. After so many dead requests in a row while online we leave the page in peace. */
const MAX_BLOCKED = 3;
/** Undelivered batches are stored per page, so that tabs do not overwrite each other's. */
const STORED = 'irk.q.';
/** The answers after which the same batch is sent again; 0 stands for none at all. */
const RETRIED = /^(0|408|429|5..)$/;

let url: string;
let stop: () => void;
let fetch: typeof window.fetch;
let stored: string;
let waiting: Batch[] = [];
/** Whether a batch is being sent, and whether all were sent at once because the page was left. */
let busy = false;
let left = false;
let timer: ReturnType<typeof setTimeout> | undefined;
let blocked = 0;
/** Whether the latest answer was a 200: then what is sent on leaving will arrive, though nobody sees the answer. */
let healthy = false;
let closed = true;

/** The body of a request. The clocks are read at every try, so that the server can tell their skew. */
function encode(batch: Batch): Blob {
  // A batch of a former page counts from that page's origin.
  const sentMono = since(batch.origin - performance.timeOrigin);
  return new Blob([JSON.stringify({ ...batch, sentMono, sentWall: Date.now() })]);
}

function post(batch: Batch, body: Blob): void {
  const keepalive = body.size < KEEPALIVE_BUDGET;
  // A body without a type needs no CORS preflight. The referrer could tell the query of the page's address.
  fetch.call(window, url, { method: 'POST', body, keepalive, credentials: 'omit', referrerPolicy: 'origin' }).then(
    ({ status, headers }) => settle(batch, status, Number(headers.get('Retry-After')) * 1000),
    () => settle(batch, 0, 0),
  );
}

function settle(batch: Batch, status: number, retryAfter: number): void {
  let delay = 0;
  if (closed) return;
  busy = false;
  healthy = status === 200;
  blocked = status || !navigator.onLine ? 0 : blocked + 1;
  closed = status === 401 || status === 403 || blocked >= MAX_BLOCKED;
  if (closed) stop();
  else if (RETRIED.test(status as never)) {
    delay = Math.max(retryAfter || 0, Math.random() * Math.min(MAX_DELAY, 1000 * 2 ** batch.try++));
  } else {
    const half = batch.events.length >> 1;
    // Any other answer is final. Only a batch that was too large gets another chance, in two halves.
    if (status === 413 && half) waiting.push({ ...batch, events: batch.events.splice(half) });
    else waiting = waiting.filter((other) => other !== batch);
    write(stored);
  }
  clearTimeout(timer);
  timer = setTimeout(next, delay);
}

async function send(batch: Batch): Promise<void> {
  busy = true;
  let body = encode(batch);
  if (body.size > COMPRESS_FROM && window.CompressionStream)
    body = await new Response(body.stream().pipeThrough(new CompressionStream('gzip'))).blob();
  post(batch, body);
}

function next(): void {
  const [batch] = waiting;
  // A `fetch` that somebody has replaced may throw.
  if (batch && !busy && !closed) send(batch).catch(stop);
}

/**
 * Opens the way to the server, and sends what former pages could not deliver.
 *
 * @param refused called when there is no sense in going on: the key is refused, or everything is blocked
 */
export function connect(endpoint: string, refused: () => void): void {
  url = endpoint;
  stop = refused;
  // Taken before anything is patched: our own requests are nobody's fact.
  fetch = window.fetch;
  stored = STORED + performance.timeOrigin;
  closed = healthy = busy = false;
  blocked = 0;
  for (const key of keys(STORED)) {
    quietly(() => waiting.push(...JSON.parse(read(key) as string)))();
    write(key);
  }
  next();
  listen('online', next);
}

/** Delivers batches one after the other, and retries each whole until the server has answered for it. */
export function deliver(batch: Batch): void {
  left = false;
  waiting.push(batch);
  while (waiting.flatMap(({ events }) => events).length > MAX_KEPT) waiting.shift();
  // Otherwise a retry is due or an answer is awaited, and the batch waits its turn.
  if (waiting.length === 1) next();
}

/**
 * Sends everything at once, as the page may be gone after this call, and stores what may not arrive. A batch that is
 * under way is sent again, because what is being compressed would die with the page. The server knows it by its ids.
 */
export function leave(): void {
  if (left) return;
  left = true;
  let room = closed ? 0 : KEEPALIVE_BUDGET;
  for (const batch of waiting) {
    const body = encode(batch);
    room -= body.size;
    if (room > 0) post(batch, body);
  }
  if (waiting[0] && (!healthy || room < 0)) write(stored, JSON.stringify(waiting));
}

/** Ends all activity; with `erase`, also empties the storage: what was not delivered, by any page, and the session. */
export function disconnect(erase: boolean): void {
  closed = true;
  waiting = [];
  clearTimeout(timer);
  if (erase) for (const key of keys('irk.')) write(key);
}
