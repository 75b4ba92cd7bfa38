import type { Answer, WireEvent } from '../wire';
import { createBackground } from './background';
import { now } from './clock';
import { isField } from './element';
import { watchRequests } from './network';
import type { Recorder } from './recorder';

/** How long the page is watched after a click or a submit (ms). */
export const WATCHED = 2500;
/** A submit whose request is still under way is kept back for its status, but still leaves the page within 5 s (ms). */
const GRACE = 2300;
/** Presses closer than this in time (ms) and place (px) are one gesture: a double click opens what its first click did not. */
const GESTURE_GAP = 500;
const GESTURE_SPREAD = 10;
/** What the page does by itself is learnt once it has settled: so long after it was loaded, for so long (ms). */
const SAMPLE_AFTER = 1000;
const SAMPLE = 8000;

/** Paths remembered as polled. Addresses with ever new ids in them must not fill the memory. */
const MAX_POLLED = 100;

const bare = (url: string) => url.replace(/#$/, '');

/** Answers that the user gives to himself: by moving on, he scrolls, types and focuses, whatever the last click did. */
const OWN: ReadonlySet<Answer> = /* @__PURE__ */ new Set<Answer>(['scroll', 'sel', 'input', 'focus']);

/** Events during whose dispatch everything that happens is the doing of the page's handlers for them. */
const INPUTS = 'pointerdown mousedown pointerup mouseup click dblclick keydown keyup submit change input';

interface Observation {
  at: number;
  gesture: number;
  after: Partial<Record<Answer, number>>;
  /** Missing while only a press was seen, which may or may not become a click. */
  event?: WireEvent;
  done?: () => void;
  timer: ReturnType<typeof setTimeout>;
  pending?: boolean;
}

export interface Responses {
  /**
   * Watches how the page answers an event; fills in `after` and `observed`, then calls `done` and closes the event. Answers
   * since the press that led to it count as immediate: many controls act on pointerdown.
   */
  watch(event: WireEvent, done?: () => void): void;
  /** Mutation batches per second before now. */
  background(): number;
  /** How often something was pressed. */
  presses(): number;
  answer(kind: Answer): void;
}

export function watchResponses(recorder: Recorder): Responses {
  const open = new Set<Observation>();
  const background = createBackground();
  const polled = new Map<string, number>();
  const roots = new Set<Node>();
  let gesture = 0;
  let press: Observation | undefined;
  let pressX = 0;
  let pressY = 0;
  let pressT = Number.NEGATIVE_INFINITY;
  let current: Event | undefined;
  let sampling = false;
  let presses = 0;

  /** Whether a handler for the user's latest input is running. An event has a phase only while it is dispatched. */
  const handling = () => !!current?.eventPhase;

  function answer(kind: Answer) {
    const at = now();
    // Of what a handler does, we know whose answer it is. Of the rest we do not: it may be anybody's who waits.
    const own = OWN.has(kind) || handling();
    for (const o of open) if (!own || o.gesture === gesture) o.after[kind] ??= Math.max(0, Math.round(at - o.at));
  }

  const observer = new MutationObserver((records) => {
    const at = now();
    if (handling()) return answer('mut');
    if (background.quiet(at)) background.learn(records, at);
    if (open.size) answer(background.foreign(records) ? 'mut' : 'bg');
  });

  function arm(path: EventTarget[]) {
    // An observer of the document does not see into shadow roots.
    for (const node of [document, ...path])
      if (node instanceof Node && (node === document || node instanceof ShadowRoot) && !roots.has(node)) {
        roots.add(node);
        observer.observe(node, { subtree: true, childList: true, characterData: true, attributes: true });
      }
  }

  function disarm() {
    if (open.size || sampling) return;
    background.disturb(now(), Number.POSITIVE_INFINITY);
    observer.disconnect();
    roots.clear();
  }

  function observe(at: number): Observation {
    const o: Observation = { at, gesture, after: {}, timer: setTimeout(() => expire(o), WATCHED) };
    open.add(o);
    return o;
  }

  function expire(o: Observation) {
    if (o.pending) {
      o.pending = false;
      o.timer = setTimeout(() => end(o), GRACE);
    } else end(o);
  }

  function end(o: Observation) {
    if (!open.delete(o)) return;
    clearTimeout(o.timer);
    if (o === press) press = undefined;
    if (o.event) {
      o.event.observed = Math.min(WATCHED, Math.max(0, Math.round(now() - o.at)));
      o.done?.();
      recorder.close(o.event);
    }
    disarm();
  }

  recorder.listen(window, 'pointerdown keydown wheel', (event: PointerEvent & KeyboardEvent) => {
    const { clientX = 0, clientY = 0, timeStamp, type, key } = event;
    if (!event.isTrusted) return;
    if (press) end(press);
    const near = Math.abs(clientX - pressX) <= GESTURE_SPREAD && Math.abs(clientY - pressY) <= GESTURE_SPREAD;
    // With a new gesture, what the user did before gets no more answers from what he does now.
    if (type === 'pointerdown' ? !near || timeStamp - pressT > GESTURE_GAP : !event.repeat) gesture++;
    background.disturb(timeStamp);
    if (type === 'pointerdown') {
      pressX = clientX;
      pressY = clientY;
      pressT = timeStamp;
    } else if (key !== 'Enter' && key !== ' ') return;
    presses++;
    press = observe(timeStamp);
    arm(event.composedPath());
  });
  // A touch that became a scroll will not become a click.
  recorder.listen(window, 'pointercancel', () => press && end(press));
  recorder.listen(window, INPUTS, (event: Event) => {
    if (event.isTrusted) current = event;
  });

  recorder.listen(window, 'scroll', () => answer('scroll'));
  recorder.listen(window, 'input change', () => answer('input'));
  recorder.listen(window, 'toggle', () => answer('dlg'));
  recorder.listen(window, 'play pause', () => answer('media'));
  recorder.listen(window, 'popstate hashchange', () => answer('nav'));
  recorder.listen(window, 'fullscreenchange', () => answer('vis'));
  recorder.listen(window, 'selectionchange', () => {
    if (open.size && !getSelection()?.isCollapsed) answer('sel');
  });
  recorder.listen(window, 'focusin blur', (event: FocusEvent) => {
    const target = event.composedPath()[0];
    // A blur of the window: the focus went to a frame, a picker, another window.
    if (event.type === 'blur' ? target === window : target instanceof Element && isField(target)) answer('focus');
  });
  recorder.listen(window, 'error unhandledrejection', (event: Event) => {
    // Images and scripts that fail to load end here too, with an element as target.
    if (event.target === window) answer('err');
  });
  recorder.listen(window, 'click', (event: Event) => {
    // A page opens the file picker by clicking on a file input itself.
    if (!event.isTrusted && (event.composedPath()[0] as HTMLInputElement).type === 'file') answer('dlg');
  });
  for (const name of ['alert', 'confirm', 'prompt', 'print'] as const)
    recorder.patch(window, name, () => answer('dlg'));
  recorder.patch(window, 'open', () => answer('win'));
  // Sounds are mostly played by media elements outside the document, whose events nobody hears, or by Web Audio.
  recorder.patch(HTMLMediaElement.prototype, 'play', () => answer('media'));
  for (const node of [window.AudioScheduledSourceNode, window.AudioBufferSourceNode])
    if (node) recorder.patch(node.prototype, 'start', () => answer('media'));

  // Not in the DOM types of TypeScript 5.9. https://developer.mozilla.org/docs/Web/API/Navigation/navigate_event
  const { navigation } = window as { navigation?: EventTarget };
  if (navigation)
    recorder.listen(navigation, 'navigate', ({ downloadRequest, navigationType, userInitiated, destination }) => {
      if (downloadRequest != null) answer('dl');
      // The browser's own back button answers nothing, and a link to # goes nowhere once the page is there.
      else if (!(navigationType === 'traverse' && userInitiated) && bare(destination.url) !== bare(location.href))
        answer('nav');
    });

  recorder.use(watchRequests).push((method, url) => {
    const key = `${method} ${url.split('?')[0]}`;
    const times = polled.get(key) ?? 0;
    // Sent twice while nobody was waiting for an answer, it is sent by a timer.
    if (!open.size) polled.set(key, times + 1);
    if (polled.size > MAX_POLLED) polled.clear();
    if (!handling() && times > 1) return undefined;
    const submits = [...open].filter((o) => o.event?.type === 'submit' && o.after.req === undefined);
    answer('req');
    for (const o of submits) o.pending = true;
    return (status) => {
      for (const o of submits) {
        if (o.event) o.event.status = status;
        o.pending = false;
      }
    };
  });

  recorder.onLeave((how) => {
    if (how === 'hidden') answer('vis');
    // Where `navigate` tells of the page's own navigations, what remains is the user who reloads or types an address.
    else if (how === 'unloaded' && !navigation) answer('nav');
    for (const o of open) end(o);
  });

  let sample = setTimeout(() => {
    sampling = true;
    background.disturb(now(), now());
    arm([]);
    sample = setTimeout(() => {
      sampling = false;
      disarm();
    }, SAMPLE);
  }, SAMPLE_AFTER);
  recorder.onStop(() => {
    clearTimeout(sample);
    observer.disconnect();
  });

  return {
    watch(event, done) {
      const o = observe(event.t);
      o.event = event;
      o.after = event.after = {};
      if (done) o.done = done;
      if (press) {
        for (const kind in press.after) o.after[kind as Answer] = 0;
        end(press);
      }
      if (current) arm(current.composedPath());
    },
    background: () => background.rate(now()),
    presses: () => presses,
    answer,
  };
}
