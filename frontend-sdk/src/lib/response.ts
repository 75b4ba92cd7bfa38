import type { Answer, WireEvent } from '../wire';
import { enter, everywhere, listen, onStop, patch } from './attach';
import { conclude, disturb, QUIET_AFTER, type Unusual, unusual } from './background';
import { now, since, timeOf } from './clock';
import { type Doubt, settled } from './doubt';
import { isEffect } from './effect';
import { isField, kindOf } from './element';
import { markOf, watchPasswords } from './mask';
import { attribute, hit } from './node';
import { after, quietly } from './quietly';
import { close, onLeave, open } from './recorder';
import { watchPaint, watchPaintNoMore, watchUnseen } from './unseen';

/** How long the page is watched after a click (ms), and after a submit, whose request may take its time. */
export const WATCHED = 2500;
const WATCHED_LONGER = 4500;
/** So much longer, where nothing has answered but what may go on by itself: a carousel turns once more. */
const IN_DOUBT = 6000;
/** One timer watches for the end of all, and looks so often (ms): a timer for each would take a busy page more time. */
const EVERY = 250;
/** Presses closer than this are one gesture: a double click opens what its first click did not (ms). */
const GESTURE_GAP = 500;
/** What the page does by itself is learnt once it has settled: what is painted, in which whole apps consist, for so long (ms) … */
const SAMPLE_PAINT = 3000;
/** … of which what has come to rest for so long (ms) was drawn once … */
const SETTLED = 1200;
/** … and all else for so much longer: most carousels turn twice. */
const SAMPLE = 7000;

/** What people do on purpose. By moving the pointer somewhere they ask for nothing. */
const DOING = /(down|up|click|wheel)$|^(submit|change|input|focus|sel)/;
/** What follows the pointer, or the place on the page: nobody is answered by it. */
const MOVING = /(move|over|out|enter|leave|scroll)$/;
/** What tells a field that a press takes the focus from it: what it says then is no answer to the press. */
const LOSING = /^(blur|focusout|change)$/;
/** Answers that the user gives to himself: by moving on, he scrolls, types and focuses, whatever the last click did. */
const OWN = /^(scroll|sel|input|focus)$/;

/**
 * What answers though the page cannot see it: dialogs of the browser's and of the system's; what can only be heard (a drum pad; sounds
 * are mostly played by elements outside the document, whose events nobody hears); and what a copy button does without a word.
 * The answer, whose methods (a class's or an object's), and which.
 */
const CALLS: Array<[Answer, owner: string, names: string]> = [
  ['dlg', 'window', 'alert confirm prompt print showOpenFilePicker showSaveFilePicker showDirectoryPicker'],
  ['dlg', 'HTMLInputElement', 'showPicker'],
  ['dlg', 'Navigator', 'share'],
  ['dlg', 'Geolocation', 'getCurrentPosition'],
  ['dlg', 'MediaDevices', 'getUserMedia getDisplayMedia'],
  ['win', 'window', 'open'],
  ['media', 'HTMLMediaElement', 'play pause'],
  ['media', 'AudioScheduledSourceNode', 'start stop'],
  ['media', 'AudioBufferSourceNode', 'start'],
  ['media', 'SpeechSynthesis', 'speak cancel pause resume'],
  ['media', 'AudioContext', 'suspend resume'],
  // Of a caret in an editor, "bold" changes nothing yet.
  ['sel', 'Document', 'execCommand'],
  ['dlg', 'CredentialsContainer', 'get create'],
  ['dlg', 'PaymentRequest', 'show'],
  // Missing on plain http.
  ['sel', 'Clipboard', 'write writeText'],
];

declare global {
  interface Window {
    /** Not in the DOM types of TypeScript 5.9. https://developer.mozilla.org/docs/Web/API/Navigation */
    navigation?: EventTarget;
  }
}

/** Not by `navigation`: that may be an element of this name. */
const tellsNavigation = () => 'NavigateEvent' in window;

interface Observation {
  event: Partial<WireEvent>;
  after: NonNullable<WireEvent['after']>;
  at: number;
  gesture: number;
  /** How much the request that gave its status has to say. */
  weight?: number;
  /** If it began while it was not known yet what mutates by itself. */
  doubts?: Doubt[] | undefined;
  /** Whether a handler of its own has answered it. What else has may go on by itself from now on, which is to be learnt. */
  sure?: boolean;
  due: number;
  /** Of a press, what may be shown by the focus that it gives. */
  menu?: Element | null | undefined;
  end(): void;
}

/** What is being watched. */
export const observations: Set<Observation> = /* @__PURE__ */ new Set();
/** The submits among it. */
export const submits = (): Observation[] => [...observations].filter(({ event }) => event.how);
/** Looks for what is due, if it runs. */
let timer: ReturnType<typeof setTimeout> | 0 | undefined;
let observer: MutationObserver | undefined;
/** Whether the observer is on. */
let looking: boolean;
let sampling: boolean;
/** Until it has learnt. */
let learning: ReturnType<typeof setTimeout>;
/** Where pages are shown besides the document: what shows an answer need not be where it was asked for. */
let places: Array<WeakRef<Node>> = [];
/** So many are looked at, the latest: each takes time at each press. */
const MOST_PLACES = 200;
const MOST_ELEMENTS = 10_000;
const ALL = { subtree: true, childList: true, characterData: true, attributeOldValue: true };
let prepared: boolean;

/** The user's latest input, its gesture, when it was, and what followed if it was a press: it may become a click. */
export let current: Event | undefined;
let gesture = 0;
export let inputAt = Number.NEGATIVE_INFINITY;
export let press: Observation | undefined;

/**
 * Whether the page is handling what somebody does: then all that happens is his doing. An event has a phase only while it is
 * dispatched. Of those that are not heard here the window tells, unless they are in a shadow root.
 */
export const isHandling = (): boolean =>
  !!current?.eventPhase || (!!window.event?.isTrusted && DOING.test(window.event.type));

/** Whether it is typed, and not yet meant: whatever is told for each key tells how much. */
export const isTyping = (): boolean =>
  /^(key|inp)/.test(current?.type as string) && (current as KeyboardEvent).key !== 'Enter';

/** Notes the first answer of a kind. None is what comes after the limit, or never. */
function note({ after }: Observation, kind: Answer, ms: number): void {
  if (ms <= WATCHED) after[kind] = Math.min(ms, after[kind] ?? ms);
}

/** The page has answered, by a mutation that is in doubt if it is given. What a handler does is its own gesture's answer; of the rest we cannot tell whose it is. */
export function answer(
  kind: Answer,
  own: boolean = isHandling() || OWN.test(kind),
  answered: number = now(),
  doubt?: Unusual,
): undefined {
  for (const o of observations)
    if (!own || o.gesture === gesture) {
      const ms = Math.max(0, answered - o.at);
      if (own && kind === 'mut') o.sure = true;
      if (doubt && o.doubts) o.doubts.push([ms, doubt]);
      else note(o, kind, ms);
    }
}

/** Gets what has mutated, other than by itself. */
let witness: ((records: MutationRecord[]) => void) | undefined;
export function onMutation(handler: typeof witness): void {
  witness = handler;
}

function mutated(records: MutationRecord[]): void {
  const at = now();
  // Between a press and its click, a finger moves as a mouse would.
  const moving = (press ? LOSING : MOVING).test(window.event?.type as string);
  const handled = isHandling();
  const odd = handled || moving ? undefined : unusual(records, at);
  if (moving || !(handled || odd) || records.every((record) => isEffect(record, press))) answer('bg', handled, at);
  else {
    answer('mut', handled, at, odd);
    witness?.(records);
  }
  rest();
}

/** Takes what no observer sees for a mutation: what goes on by itself is learnt alike. */
function changed(target: object, attributeName: string): void {
  if (isWatching()) mutated([{ target, attributeName, addedNodes: [], removedNodes: [] } as never]);
}

const isWatching = () => sampling || observations.size;

/** Learns of a shadow root, or of a document. Of all events in a document only `load` does not pass the window. */
function keep(place: Node): undefined {
  watchPasswords(place);
  if (place.nodeType === 9) listen('load', loaded, place);
  places.push(new WeakRef(place));
  if (places.length > MOST_PLACES) places.shift();
  if (looking) observer?.observe(place, ALL);
}

/** Finds those that are there already, among the first elements of a huge page. Of most, only their element tells. */
function find(inside: ParentNode): void {
  for (const element of [].slice.call(inside.querySelectorAll('*'), 0, MOST_ELEMENTS) as Element[]) findIn(element);
}

function findIn(element: Element): void {
  const place = element.shadowRoot ?? (element as HTMLIFrameElement).contentDocument;
  if (!place) return;
  keep(place);
  find(place);
}

function loaded({ target }: { target: HTMLIFrameElement }): void {
  enter(target.contentWindow);
  findIn(target);
}

/**
 * Looks at mutations, also inside shadow roots and frames: an observer does not see into them. Of the roots that the current event
 * passed, neither are submits and scrolls heard outside.
 */
function look(): void {
  // Stopped in the meantime.
  if (!observer) return;
  prepare();
  looking = true;
  const path = (current?.composedPath() ?? []) as Node[];
  // Documents are of type 9, shadow roots of type 11.
  for (const root of path) if (root.nodeType > 9) enter(root);
  for (const root of new Set([document, ...path, ...places.map((place) => place.deref())]))
    if (root && root.nodeType >= 9) observer.observe(root, ALL);
  // Who presses a canvas may well paint there, and is told as such.
  if ((path[0] as Element | undefined)?.localName !== 'canvas') watchPaint(changed);
}

/** Looks no longer, if there is nothing to be seen: once nobody waits for an answer any more, it costs time to look. */
function rest(): void {
  if (sampling) return;
  for (const o of observations) if (!o.sure) return;
  disturb(now(), Number.POSITIVE_INFINITY);
  looking = false;
  observer?.disconnect();
  watchPaintNoMore();
}

function doze(): void {
  conclude(now(), 'rest');
  sampling = false;
  rest();
}

/** Learns what the page does by itself, in a quiet spell: when it starts, and each time it shows something else. */
export function learn(): void {
  if (!observer) return;
  sampling = true;
  disturb(now(), undefined, Number.NEGATIVE_INFINITY);
  clearTimeout(learning);
  learning = after(() => {
    look();
    learning = after(() => {
      conclude(now(), 'paint', SETTLED);
      if (!observations.size) watchPaintNoMore();
      learning = after(doze, SAMPLE);
    }, SAMPLE_PAINT);
  }, QUIET_AFTER);
}

function endDue(): void {
  // Before what may fail in one, which must not cost the others.
  timer = observations.size && after(endDue, EVERY);
  for (const o of observations) if (now() >= o.due + (o.doubts?.[0] && o.after.mut == null ? IN_DOUBT : 0)) o.end();
}

/** Watches how the page answers what happened at `at`. */
function observe(event: Partial<WireEvent>, at: number, done: () => void): void {
  const o: Observation = {
    event,
    // Many controls act on pointerdown: what has answered the press has answered the click at once.
    after: { ...press?.after },
    doubts: press?.doubts ?? (sampling ? [] : undefined),
    at,
    gesture,
    due: now() + (event.how ? WATCHED_LONGER : WATCHED),
    end() {
      if (!observations.delete(o)) return;
      note(o, ...settled(o.doubts ?? [], now()));
      event.after = o.after;
      // The timer is late, on a busy page very late, and an answer after the limit is none.
      event.observed = Math.min(WATCHED, since(at));
      done();
      rest();
    },
  };
  const pressed = press;
  observations.add(o);
  pressed?.end();
  if (!event.type) press = o;
  // Where it was pressed, the page is still looked at.
  if (!pressed || !looking) look();
  if (!timer) timer = after(endDue, WATCHED);
}

/** Opens an event, watches how the page answers it, then calls `done`, which may still change it, and closes it. */
export function watch(
  type: 'click' | 'submit',
  fields: Partial<WireEvent>,
  at: number,
  done: (event: WireEvent) => void,
): void {
  const event = open(type, fields, at);
  if (event)
    observe(event, at, () => {
      done(event);
      close(event);
    });
}

function inputGiven(event: PointerEvent & KeyboardEvent): void {
  const { type, key } = event;
  if (!event.isTrusted) return;
  if (type === 'pointerup') {
    // Its click comes at once, or never.
    if (press) press.due = now() + EVERY;
    disturb(now());
    return;
  }
  // A form that the app submits at a key has been typed into, no more.
  if (type !== 'submit' || !isTyping()) current = event;
  if (!/down|cancel|wheel/.test(type)) return;
  // A touch that becomes a scroll (`pointercancel`) will not become a click.
  press?.end();
  const pointer = type === 'pointerdown';
  const at = timeOf(event);
  // From here on, what the user did before gets no more answers from what he does himself.
  if (pointer ? at - inputAt > GESTURE_GAP : !event.repeat) gesture++;
  // Nobody waits for what follows a press that is ignored. Of wheels there come dozens a second.
  inputAt = (pointer || key) && markOf(hit(event)) === 'ignore' ? Number.NEGATIVE_INFINITY : at;
  // Of what moves while something is dragged, nothing goes on by itself.
  disturb(at, pointer ? Number.POSITIVE_INFINITY : undefined);
  // Whatever follows it comes at once after what it may become.
  if (pointer || key === 'Enter' || key === ' ')
    observe({}, Number.POSITIVE_INFINITY, () => {
      press = undefined;
    });
  // Whoever drags may hold it for long.
  if (pointer && press) press.due = Number.POSITIVE_INFINITY;
}

/** Prepares for what is no event of the page's own. Only answers are learnt by it, so it need not be before the first look. */
function prepare(): void {
  if (prepared) return;
  prepared = true;
  // What somebody's element answers may be anything.
  quietly(find)(document);
  // The focus went to a frame, a picker, another window. An image that fails to load is no error of a script.
  // Whoever presses something in a frame takes the focus there himself.
  listen(
    'blur',
    (event) => event.target === window && (current as UIEvent | undefined)?.view === window && answer('focus'),
    window,
  );
  listen('error unhandledrejection', (event) => event.target === window && answer('err'), window);
  everywhere((realm) => {
    for (const [kind, owner, names] of CALLS) {
      const known = realm[owner as 'Clipboard'];
      patch(known?.prototype ?? known, names, () => answer(kind));
    }
  });
  patch(window.Notification, 'requestPermission', () => answer('dlg'));
  // The way of a button of one's own looks to a picker, or of a script to another tab or program, by what need not be in the document.
  patch(HTMLElement.prototype, 'click', (_, element) => {
    if (/^(file|color)$/.test(element.type)) return answer('dlg');
    return /^(new|ext)/.test(kindOf(element) as string) ? answer('win') : undefined;
  });

  // https://developer.mozilla.org/docs/Web/API/Navigation/navigate_event
  const { navigation } = window;
  if (navigation && tellsNavigation())
    listen(
      'navigate',
      (event) => {
        if (event.downloadRequest != null) answer('dl');
        // The browser's own back button answers nothing, and a link to # or #! goes nowhere, unless something is shown as the target of the address.
        else if (
          !(event.navigationType === 'traverse' && event.userInitiated) &&
          (!/#!?$/.test(event.destination.url) || document.querySelector(':target'))
        )
          answer('nav', event.userInitiated || undefined);
      },
      navigation,
    );
  // Otherwise only its end is heard, which may be late. One that the page has not prevented has begun.
  else listen('submit', (event) => after(() => event.defaultPrevented || answer('nav')));
}

/** Begins to watch, once. */
export function watchResponses(): void {
  if (observer) return;
  observer = new MutationObserver(
    quietly((records) => {
      // Whoever closes what is closed already, on every click, changes nothing.
      const changes = records.filter(
        ({ attributeName, target, oldValue }) =>
          !attributeName || attribute(target as Element, attributeName) !== oldValue,
      );
      if (changes[0]) mutated(changes);
    }),
  );
  patch(Element.prototype, 'attachShadow', () => keep);
  // React keeps what sets a field when it makes the field.
  watchUnseen(isWatching, changed);

  listen('pointerdown pointerup pointercancel click keydown wheel input change submit', inputGiven);
  // Not `change`: whatever tells of it tells of `input` too, but a field that loses its focus to a press tells of it late.
  // A button that empties a form changes no document, and sets no field by a script.
  listen('input reset', () => answer('input'));
  listen('scroll', () => answer('scroll'));
  listen('toggle fullscreenchange pointerlockchange enterpictureinpicture leavepictureinpicture', () => answer('dlg'));
  // What the browser refuses by itself it tells in a bubble, and the focus may be there already. An app that only asks shows none.
  listen('invalid', () => current?.eventPhase || answer('dlg'));
  listen('play pause volumechange ratechange', () => answer('media'));
  // A film that begins anew by itself seeks its beginning.
  listen('seeking', ({ target }) => (target.loop && !target.currentTime) || answer('media'));
  // Whoever asks what is selected has the page laid out, however he asks. Just after a frame it is.
  const selected = () => getSelection()?.type === 'Range' && answer('sel');
  listen(
    'selectionchange',
    () => [...observations].some((o) => o.gesture === gesture) && requestAnimationFrame(() => after(selected)),
  );
  listen('focusin', (event) => isField(hit(event)) && answer('focus'));
  keep(document);

  onLeave((how) => {
    if (how === 'visibilitychange') answer('vis');
    // Where `navigate` tells of the page's own navigations, what remains is the user who reloads or types an address.
    else if (how && !tellsNavigation()) answer('nav');
    for (const o of observations) o.end();
  });

  learn();
  onStop(() => {
    doze();
    observer = current = undefined;
    places = [];
    prepared = false;
  });
}
