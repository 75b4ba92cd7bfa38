import { now } from './clock';
import type { Batch } from './queue';
import { keys, read, write } from './storage';

/** The browser gives all keepalive requests of a page 64 KiB together; some room is left to the page's own. */
const KEEPALIVE_BUDGET = 60_000;
/** Below this many characters compression saves less than it costs. */
const COMPRESS_FROM = 1024;
/** Events kept while nothing can be delivered. The oldest batches are dropped first. */
const MAX_KEPT = 500;
/** Characters kept in storage by one page. */
const MAX_STORED = 100_000;
/** Retries wait a random time up to 1 s, 2 s, 4 s … 60 s. */
const MAX_DELAY = 60_000;
/** An ad blocker looks like a dead network. After so many dead requests in a row while online we leave the page in peace. */
const MAX_BLOCKED = 3;

const STORED = 'irk.q.';

export interface Transport {
  deliver(batch: Batch): void;
  /** Sends everything at once, synchronously, as the page may be gone after this call; keeps what may not arrive. */
  leave(): void;
  /** Forgets everything that was not delivered, also what former pages left behind. */
  erase(): void;
  close(): void;
}

/** The body of a request. The clocks are read at every try, so that the server can tell their skew. */
export function encode({ head, events, tries }: Batch): string {
  const wall = Date.now();
  // A batch of a former page counts from that page's origin.
  const mono = Math.round(now() + performance.timeOrigin - head.origin);
  const top = JSON.stringify({ ...head, try: tries, sentMono: Math.max(0, mono), sentWall: wall });
  return `${top.slice(0, -1)},"events":[${events}]}`;
}

function gzip(text: string): Promise<ArrayBuffer> {
  return new Response(new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'))).arrayBuffer();
}

/**
 * Delivers batches one after the other, and retries each whole until the server has answered for it.
 *
 * @param id names this page's undelivered batches in storage
 * @param stop called when there is no sense in going on: the key is refused, or everything is blocked
 */
export function createTransport(url: string, id: string, stop: () => void): Transport {
  // Taken before anything is patched, by us or later by others: our own requests are nobody's fact.
  const { fetch } = window;
  let waiting: Batch[] = [];
  /** The batch being compressed, and those the browser has been given and not yet answered for. */
  let packing: Batch | undefined;
  const posted = new Set<Batch>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let budget = KEEPALIVE_BUDGET;
  let blocked = 0;
  /** Whether the server has answered 200 to the latest request, so that one whose answer we cannot see will arrive. */
  let healthy = false;
  let closed = false;
  let stored = false;

  function post(batch: Batch, body: string | ArrayBuffer): void {
    const size = typeof body === 'string' ? new Blob([body]).size : body.byteLength;
    const keepalive = size <= budget;
    if (keepalive) budget -= size;
    posted.add(batch);
    const settle = (status: number, retryAfter: number) => {
      if (keepalive) budget += size;
      answered(batch, status, retryAfter);
    };
    // A string without a type of ours is sent as text/plain, bytes without any: neither needs a CORS preflight. The
    // referrer could tell the query of the page's address. The promise also catches a replaced fetch that throws.
    new Promise<Response>((resolve) => {
      resolve(
        fetch.call(window, url, { method: 'POST', body, keepalive, credentials: 'omit', referrerPolicy: 'origin' }),
      );
    }).then(
      (response) => settle(response.status, Number(response.headers.get('Retry-After'))),
      () => settle(0, 0),
    );
  }

  function answered(batch: Batch, status: number, retryAfter: number) {
    posted.delete(batch);
    if (closed || !waiting.includes(batch)) return;
    healthy = status === 200;
    blocked = status || !navigator.onLine ? 0 : blocked + 1;
    if (status === 401 || status === 403 || blocked >= MAX_BLOCKED) {
      if (!status) keep();
      return stop();
    }
    let delay = 0;
    if (!status || status === 408 || status === 429 || status >= 500) {
      delay = Math.max(retryAfter * 1000 || 0, Math.random() * Math.min(MAX_DELAY, 1000 * 2 ** batch.tries++));
    } else {
      const half = batch.events.length >> 1;
      const parts = [batch.events.slice(0, half), batch.events.slice(half)];
      // Any other answer is final. Only a batch that was too large gets another chance, in two halves.
      const again = status === 413 && half ? parts.map((events) => ({ ...batch, events })) : [];
      waiting.splice(waiting.indexOf(batch), 1, ...again);
      if (stored) keep();
    }
    clearTimeout(timer);
    timer = setTimeout(next, delay);
  }

  function next() {
    const batch = waiting[0];
    if (!batch || packing || posted.size || closed) return;
    clearTimeout(timer);
    const body = encode(batch);
    if (body.length < COMPRESS_FROM || typeof CompressionStream === 'undefined') return post(batch, body);
    packing = batch;
    const packed = (bytes: string | ArrayBuffer) => {
      // If the page was left meanwhile, `leave` has sent the batch already.
      if (packing !== batch) return;
      packing = undefined;
      post(batch, bytes);
    };
    gzip(body).then(packed, () => packed(body));
  }

  /** Stores what is waiting for the next page, or removes what is stored if nothing is. */
  function keep() {
    const kept: Batch[] = [];
    let size = 0;
    for (const batch of waiting.slice().reverse()) {
      size += batch.events.join().length;
      if (size < MAX_STORED) kept.unshift(batch);
    }
    stored = kept.length > 0;
    write(STORED + id, stored ? JSON.stringify(kept) : null);
  }

  /** Takes over what former pages could not deliver. */
  function adopt() {
    for (const key of keys(STORED)) {
      if (key === STORED + id) continue;
      const json = read(key);
      write(key, null);
      try {
        for (const batch of JSON.parse(json ?? '') as Batch[]) if (batch.head.v === 1) waiting.push(batch);
      } catch {
        // Somebody else's value under our key, or half of one: nothing to deliver.
      }
    }
  }

  adopt();
  next();
  addEventListener('online', next);

  return {
    deliver(batch) {
      waiting.push(batch);
      let events = waiting.reduce((sum, { events }) => sum + events.length, 0);
      while (events > MAX_KEPT && waiting.length > 1) events -= waiting.shift()?.events.length ?? 0;
      // While a retry is due, the batch waits its turn.
      if (waiting.length === 1) next();
    },
    leave() {
      // Compressing is asynchronous, and the page may not live to see its end.
      const rest = waiting.filter((batch) => !posted.has(batch));
      packing = undefined;
      let trusted = healthy;
      for (const batch of rest) {
        const body = encode(batch);
        if (new Blob([body]).size > budget) trusted = false;
        else post(batch, body);
      }
      if (waiting.length && !trusted) keep();
    },
    erase() {
      waiting = [];
      for (const key of keys('irk.')) write(key, null);
    },
    close() {
      closed = true;
      clearTimeout(timer);
      removeEventListener('online', next);
    },
  };
}
