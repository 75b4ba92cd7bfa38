import type { Answer, WireEvent } from '../wire';
import { listen, onStop, patch } from './attach';
import { disturb, isUsual, learn } from './background';
import { now, since } from './clock';
import { isField } from './element';
import { onRequest } from './network';
import { quietly } from './quietly';
import { close, onLeave, open } from './recorder';
import { urlOf } from './route';

/** How long the page is watched after a click, and after a submit, whose request may take its time (ms). */
const WATCHED = 2500;
const WATCHED_SUBMIT = 4500;
/** Presses closer than this are one gesture: a double click opens what its first click did not (ms). */
const GESTURE_GAP = 500;
/** What the page does by itself is learnt once it has settled: so long after it was loaded, for so long (ms). */
const SAMPLE_AFTER = 1000;
const SAMPLE = 8000;

/** What people do: while its handlers run, all that happens is their doing. */
const INPUTS =
  'pointerdown mousedown pointerup mouseup click dblclick keydown keyup wheel submit change input pointercancel';
/** Events that are answers by themselves. */
const ANSWERS: Record<string, Answer> = {
  input: 'input',
  change: 'input',
  scroll: 'scroll',
  toggle: 'dlg',
  play: 'media',
  pause: 'media',
};
/** Answers that the user gives to himself: by moving on, he scrolls, types and focuses, whatever the last click did. */
const OWN = /^(scroll|sel|input|focus)$/;

export interface Observation {
  event: Partial<WireEvent>;
  after: NonNullable<WireEvent['after']>;
  at: number;
  gesture: number;
  end(): void;
}

const observations = new Set<Observation>();
/** How often each route was requested while nobody was waiting for an answer. */
const polled: Record<string, number> = {};
let observer: MutationObserver | undefined;

/** The user's latest input, its gesture, when it was, and what followed if it was a press: it may become a click. */
export let current: Event | undefined;
let gesture = 0;
let inputAt = 0;
export let press: Observation | undefined;
/** What was pressed, and all that it lies in. */
let pressed: EventTarget[] = [];

/** An event has a phase only while it is dispatched. */
const isHandling = () => !!current?.eventPhase;

/** The page has answered. What a handler does is its own gesture's answer; of the rest we cannot tell whose it is. */
function answer(kind: Answer): undefined {
  const own = isHandling() || OWN.test(kind);
  for (const { after, at, gesture: theirs } of observations) if (!own || theirs === gesture) after[kind] ??= since(at);
}

function mutated(records: MutationRecord[]): unknown {
  learn(records, now());
  // A busy page mutates by the thousand: once nobody waits for an answer any more, it costs time to look for one.
  for (const { after } of observations)
    if (after.mut == null) return answer(isHandling() || !records.every(isUsual) ? 'mut' : 'bg');
}

function observe(event: Partial<WireEvent>, at: number, ms: number, done: () => void): Observation {
  const after = {};
  const timer = setTimeout(() => o.end(), ms);
  const o: Observation = {
    event,
    after,
    at,
    gesture,
    end() {
      observations.delete(o);
      clearTimeout(timer);
      event.after = after;
      // A busy page runs the timer late, and an answer after the limit is none.
      event.observed = Math.min(WATCHED, since(at));
      done();
      if (observations.size) return;
      disturb(now(), Number.POSITIVE_INFINITY);
      observer?.disconnect();
    },
  };
  observations.add(o);
  // An observer of the document does not see into shadow roots.
  for (const root of [document, ...(current?.composedPath() ?? [])])
    if (root === document || root instanceof ShadowRoot)
      observer?.observe(root as Node, { subtree: true, childList: true, characterData: true, attributes: true });
  return o;
}

/**
 * Opens an event, watches how the page answers it, then calls `done`, which may still change it, and closes it. Answers
 * since the press that led to it count as immediate: many controls act on pointerdown.
 */
export function watch(type: 'click' | 'submit', fields: Partial<WireEvent>, at: number, done?: () => void): void {
  const event = open(type, fields, at);
  if (!event) return;
  const { after } = observe(event, at, fields.how ? WATCHED_SUBMIT : WATCHED, () => {
    done?.();
    close(event);
  });
  for (const kind in press?.after) after[kind as Answer] = 0;
  press?.end();
}

function inputGiven(event: PointerEvent & KeyboardEvent): void {
  const { type, key, repeat, timeStamp } = event;
  if (!event.isTrusted) return;
  current = event;
  if (!/pointer(down|c)|keydown|wheel/.test(type)) return;
  // A touch that becomes a scroll (`pointercancel`) will not become a click.
  press?.end();
  const pointer = type === 'pointerdown';
  // From here on, what the user did before gets no more answers from what he does himself.
  if (pointer ? timeStamp - inputAt > GESTURE_GAP : !repeat) gesture++;
  inputAt = timeStamp;
  disturb(timeStamp);
  pressed = event.composedPath();
  if (pointer || key === 'Enter' || key === ' ')
    press = observe({}, timeStamp, WATCHED, () => {
      press = undefined;
    });
}

function requestSent(method: string, url: string): (status: number) => void {
  const key = method + urlOf(url);
  const times = polled[key] ?? 0;
  if (since(inputAt) > WATCHED) polled[key] = times + 1;
  const submits = [...observations].filter(({ event }) => event.how);
  // Sent twice by then, it is sent by a timer.
  if (times < 2 || isHandling()) answer('req');
  return (status) => {
    for (const { event } of submits) event.status ??= status;
  };
}

/** Begins to watch, once. */
export function watchResponses(): void {
  if (observer) return;
  observer = new MutationObserver(quietly(mutated));

  listen(INPUTS, inputGiven);
  listen(Object.keys(ANSWERS).join(' '), ({ type, target }) => {
    // A press takes the focus from a field, which then tells of the change made to it before.
    if (type !== 'change' || !press || pressed.includes(target)) answer(ANSWERS[type] as Answer);
  });
  listen('selectionchange', () => getSelection()?.isCollapsed || answer('sel'));
  // A blur of the window: the focus went to a frame, a picker, another window.
  listen('focusin blur', ({ type, target }) => {
    if (type === 'blur' ? target === window : isField(target)) answer('focus');
  });
  // Images and scripts that fail to load end here too, with an element as target.
  listen('error unhandledrejection', ({ target }) => target === window && answer('err'));

  for (const [owner, names, kind] of [
    [window, 'alert confirm prompt print', 'dlg'],
    [window, 'open', 'win'],
    // Sounds are mostly played by elements outside the document, whose events nobody hears.
    [HTMLMediaElement.prototype, 'play', 'media'],
  ] as const)
    patch(owner, names, () => answer(kind));

  // Not in the DOM types of TypeScript 5.9. https://developer.mozilla.org/docs/Web/API/Navigation/navigate_event
  const { navigation } = window as { navigation?: EventTarget };
  if (navigation)
    listen(
      'navigate',
      ({ downloadRequest, navigationType, userInitiated, destination }) => {
        if (downloadRequest != null) answer('dl');
        // The browser's own back button answers nothing, and a link to # goes nowhere.
        else if (!(navigationType === 'traverse' && userInitiated) && !/#$/.test(destination.url)) answer('nav');
      },
      navigation,
    );

  onRequest(requestSent);

  onLeave((how) => {
    if (how === 'visibilitychange') answer('vis');
    // Where `navigate` tells of the page's own navigations, what remains is the user who reloads or types an address.
    else if (how && !navigation) answer('nav');
    for (const o of observations) o.end();
  });

  const sample = setTimeout(() => {
    disturb(now(), now());
    observe({}, 0, SAMPLE, () => {}).after.mut = 0;
  }, SAMPLE_AFTER);
  onStop(() => {
    clearTimeout(sample);
    observer = current = undefined;
  });
}
