import type { Context, EventType, WireElement, WireEvent } from '../wire';
import { SDK_VERSION } from '../wire';
import { now, origin } from './clock';
import { type Around, patch } from './patch';
import { createQueue } from './queue';
import { createSession } from './session';
import { createTransport } from './transport';

export type Leaving = 'unloaded' | 'hidden' | 'ended';

/** What captures are given: the way to record events, and to attach to the page so that all of it can be undone. */
export interface Recorder {
  /**
   * Numbers an event that happened at `t` (ms since the origin). Undefined if nothing is recorded: not sampled, stopped,
   * or nobody is there. The event is sent after `close`, so that it can be completed in between.
   */
  open(type: EventType, t?: number, el?: WireElement): WireEvent | undefined;
  close(event: WireEvent): void;
  /** Opens and closes in one. */
  record(type: EventType, fields: Partial<WireEvent>, t?: number): void;
  /** Listens in the capture phase, before the app can answer or stop the event. Types are separated by spaces. */
  // biome-ignore lint/suspicious/noExplicitAny: the event's class follows from its type, which is a plain string here.
  listen(target: EventTarget, types: string, handler: (event: any) => void): void;
  patch<T extends object>(owner: T, name: string & keyof T, around: Around): void;
  /** Called at the last moment to close events: when the page is unloaded, hidden, or its page view ends. */
  onLeave(handler: (how: Leaving) => void): void;
  /** Called when a page view has begun: a document was loaded, or a session. */
  onPageView(handler: () => void): void;
  onStop(handler: () => void): void;
  /** What `make` returned when it was first asked for: captures share what they watch. */
  use<T>(make: (recorder: Recorder) => T): T;
}

export interface Settings {
  key: string;
  endpoint: string;
  sample: number;
  context: Context;
  route: (path: string) => string;
}

export interface RecorderControl extends Recorder {
  identify(user: string | undefined): void;
  /** Begins the page view. Called once, after the captures have attached. */
  start(): void;
  /** Detaches everything. What was recorded is still sent, or erased. */
  stop(erase?: boolean): void;
}

/** Errors and requests also happen to pages that nobody looks at, so they neither begin a session nor keep it alive. */
const PASSIVE: ReadonlySet<EventType> = /* @__PURE__ */ new Set<EventType>(['error', 'request', 'leave']);

function device(): NonNullable<Context['device']> {
  if (!matchMedia('(pointer:coarse)').matches) return 'desktop';
  // The shorter side of the largest phones is below 600 CSS px, that of the smallest tablets is not.
  return Math.min(screen.width, screen.height) < 600 ? 'mobile' : 'tablet';
}

export function createRecorder({ key, endpoint, sample, context, route }: Settings): RecorderControl {
  const undo: Array<() => void> = [];
  const leaving: Array<(how: Leaving) => void> = [];
  const viewing: Array<() => void> = [];
  const shared = new Map<unknown, unknown>();
  const session = createSession(sample);
  let live = true;
  let n = 0;
  let seq = 0;

  const transport = createTransport(
    `${endpoint}?k=${encodeURIComponent(key)}`,
    origin().toString(36) + Math.random().toString(36).slice(2, 6),
    () => recorder.stop(),
  );
  const queue = createQueue(
    () => ({
      v: 1,
      sdk: SDK_VERSION,
      sid: session.sid,
      page: session.page,
      seq: seq++,
      origin: origin(),
      ctx: { ...context, device: device(), viewport: [innerWidth, innerHeight], lang: navigator.language },
    }),
    transport.deliver,
  );

  /** Makes sure that there is a page view for what happens now to belong to. */
  function ready(active: boolean): boolean {
    const state = session.check(active);
    if (state === 'new') {
      // What is still open belongs to the page view that ends here.
      settle('ended');
      queue.seal();
      session.begin();
      n = seq = 0;
      if (session.sampled) for (const handler of viewing) handler();
    }
    return state !== 'none' && session.sampled;
  }

  function settle(how: Leaving) {
    for (const handler of leaving) handler(how);
  }

  const recorder: RecorderControl = {
    open(type, t = now(), el = undefined) {
      if (!live || !ready(!PASSIVE.has(type))) return undefined;
      return { n: n++, t: Math.max(0, Math.round(t)), type, route: route(location.pathname), ...(el && { el }) };
    },
    close(event) {
      if (live) queue.add(event);
    },
    record(type, fields, t) {
      const event = recorder.open(type, t);
      if (event) recorder.close(Object.assign(event, fields));
    },
    listen(target, types, handler) {
      const safe = (event: Event) => {
        try {
          handler(event);
        } catch {
          // Our fault must not become the page's: an exception in a listener reaches its error handler.
        }
      };
      for (const type of types.split(' ')) {
        target.addEventListener(type, safe, { capture: true, passive: true });
        undo.push(() => target.removeEventListener(type, safe, true));
      }
    },
    patch(owner, name, around) {
      undo.push(patch(owner, name, around));
    },
    onLeave: (handler) => leaving.push(handler),
    onPageView: (handler) => viewing.push(handler),
    onStop: (handler) => undo.push(handler),
    use(make) {
      if (!shared.has(make)) shared.set(make, make(recorder));
      return shared.get(make) as ReturnType<typeof make>;
    },
    identify(user) {
      if (user === context.user) return;
      // What happened before belongs to whoever was there before.
      queue.seal();
      if (user) context.user = user;
      else delete context.user;
    },
    start() {
      ready(true);
      recorder.listen(window, 'pagehide visibilitychange', (event: Event) => {
        const unloaded = event.type === 'pagehide';
        if (!unloaded && document.visibilityState !== 'hidden') return;
        settle(unloaded ? 'unloaded' : 'hidden');
        queue.seal();
        transport.leave();
      });
    },
    stop(erase = false) {
      if (!live) return;
      settle('ended');
      if (erase) queue.clear();
      else {
        queue.seal();
        transport.leave();
      }
      live = false;
      transport.close();
      if (erase) transport.erase();
      for (const handler of undo.reverse()) handler();
    },
  };
  return recorder;
}
