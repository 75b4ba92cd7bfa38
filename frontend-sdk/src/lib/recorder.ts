import type { Capture, Options } from '../types';
import { type EventType, SDK_VERSION, type WireEvent } from '../wire';
import { attach, detach, enter, listen, onStop, REPORTS } from './attach';
import { now } from './clock';
import { after, quietly } from './quietly';
import { routeOf } from './route';
import { endPage, goesOn, isSampled, origin, page, shared, sid } from './session';
import { read, SESSION, WITHDRAWN } from './storage';
import { connect, deliver, disconnect, type Erasing, leave, resume } from './transport';

/** Events are sent so long after the first of them happened (ms) … */
const DUE = 5000;
/** … or when there are so many. An event has some 300 bytes and never more than 2,000, so that a batch fits in a keepalive request. */
const MAX_EVENTS = 50;
/** A key that was refused is tried again after once to twice so long (ms), and by each page. */
const PROBE = 600_000;
/** Longer routes are cut (characters). */
const MAX_ROUTE = 512;

/** What ends what is shown: an event, or that nobody does anything any more. Nothing if only the page view ends. */
export type Leaving = 'pagehide' | 'visibilitychange' | 'idle' | undefined;

declare global {
  interface Document {
    /** Not in the DOM types of TypeScript 5.9. https://wicg.github.io/nav-speculation/prerendering.html */
    prerendering?: boolean;
  }
}

let options: Options | undefined;
let user: string | undefined;
const firsts: Array<() => void> = [];
let leavers: Array<(how: Leaving) => void> = [];
let events: WireEvent[] = [];
let timer: ReturnType<typeof setTimeout>;
let probe: ReturnType<typeof setTimeout>;
let n: number;
let seq: number;

/** Calls back at the last moment to close events: when the page is unloaded, hidden, or its page view ends. */
export function onLeave(handler: (how: Leaving) => void): void {
  leavers.push(quietly(handler));
}

/**
 * Calls back just before the first event, or soon. Not at once, because the first look into the storage (for the session, and
 * for what former pages left) has the browser fetch it from another process, while the page waits.
 */
export function atFirst(handler: () => void): void {
  firsts.push(quietly(handler));
}

/** A capture that need not be there before the page's own scripts. */
export const later =
  (begin: Capture): Capture =>
  () =>
    atFirst(begin);

/** Tells what comes before whatever happens now: that the page was shown, under the address that it still has. */
export function first(): void {
  while (firsts[0]) firsts.shift()?.();
}

/** Closes the batch that is being filled. */
function seal(): void {
  clearTimeout(timer);
  if (events[0]) {
    deliver({
      v: 1,
      sdk: SDK_VERSION,
      sid,
      page,
      seq: seq++,
      try: 0,
      origin,
      ctx: {
        release: options?.release,
        environment: options?.environment,
        user,
        // A tablet is a mobile device with a large viewport.
        device: matchMedia('(pointer:coarse)').matches ? 'mobile' : 'desktop',
        viewport: [innerWidth, innerHeight],
        lang: navigator.language,
      },
      events,
    });
  }
  events = [];
}

/** Closes what is open, which belongs to the page view that is still there, and the batch. */
function settle(how?: Leaving): void {
  first();
  for (const handler of leavers) handler(how);
  seal();
}

/** The route of a path of this site, as the app names it, else without its ids. */
export const named = (path: string): string =>
  `${quietly(() => options?.route?.(path))() ?? routeOf(path)}`.slice(0, MAX_ROUTE);

/**
 * Numbers an event that happened at `t` (ms since the origin). Undefined if nothing is recorded: not sampled, stopped,
 * not seen yet, or nobody is there. The event is sent after `close`, so that it can be completed in between.
 */
export function open(type: EventType, fields: Partial<WireEvent>, t: number = now()): WireEvent | undefined {
  first();
  const before = page;
  // Errors and requests also happen to pages that nobody looks at: they neither begin a session nor keep it alive.
  const active = !/error|request|leave|field/.test(type);
  if (!options || !goesOn(active, settle)) return undefined;
  if (page !== before) {
    n = seq = 0;
    // Whoever comes back after a break sees the page anew.
    if (type !== 'page') record('page', { nav: 'load' }, t);
  }
  if (!isSampled(options.sample ?? 1)) return undefined;
  // What differs from one event to the next stands together, and apart from what repeats, which gzip then has in one piece.
  return { n: n++, t, ...fields, type, route: named(location.pathname) };
}

export function close(event: WireEvent | undefined): void {
  if (!options || !event) return;
  const count = events.push(event);
  if (count === MAX_EVENTS) seal();
  // The event may have been watched for a while before it came here; its 5 s began when it happened.
  else if (count === 1) timer = after(seal, event.t + DUE - now());
}

/** Opens and closes in one. */
export function record(type: EventType, fields: Partial<WireEvent>, t?: number): WireEvent | undefined {
  const event = open(type, fields, t);
  close(event);
  return event;
}

/** Says who is there. What happened before belongs to whoever was there before, also what is still watched. */
export function name(id: string | undefined): void {
  // Before there is anything, the storage is not to be looked into.
  if (page && id !== user) settle();
  user = id;
}

/** Begins to record: what happens is up to those who call `open`. */
export function start(given: Options): void {
  if (options || window[REPORTS]) return;
  attach(first);
  // What a browser has loaded in advance may never be seen. https://developer.mozilla.org/docs/Web/API/Speculation_Rules_API
  if (document.prerendering) {
    listen('prerenderingchange', () => start(given), window);
    return;
  }
  window[REPORTS] = options = given;
  onStop(() => delete window[REPORTS]);
  // Not beside what a `<base>` says that links are relative to.
  const url = new URL(given.endpoint || '/v1/events', location.href);
  url.searchParams.set('k', given.key);
  connect(url.href, (refused) => {
    stop();
    if (refused) probe = after(() => start(given), PROBE * (1 + Math.random()));
  });
  atFirst(resume);
  /** Consent that was withdrawn in another tab has erased the session; also while this page was kept for whoever goes back. */
  const obey = () => shared && !read(SESSION) && stop('here');
  let kept: boolean | undefined;
  listen(
    'pagehide visibilitychange',
    (event) => {
      if (event.type === 'pagehide' || document.hidden) {
        kept ||= event.persisted;
        settle(event.type);
        leave();
      } else if (kept) obey();
    },
    window,
  );
  // Whoever listens to it has the browser fetch the storage, too.
  atFirst(() =>
    listen('storage', ({ key, newValue }) => key === SESSION && newValue === WITHDRAWN && stop('here'), window),
  );
  // What one capture needs and this browser does not have must not cost the others.
  for (const begin of given.capture ?? []) quietly(begin)();
  // Last, as there must be something to hear.
  atFirst(() => enter(window));
  after(first);
}

/** Detaches everything. What was recorded is still sent, or erased. */
export function stop(erase?: Erasing): void {
  clearTimeout(probe);
  if (erase) disconnect(erase);
  settle();
  leave();
  options = undefined;
  leavers = [];
  endPage();
  disconnect(erase);
  detach();
}
