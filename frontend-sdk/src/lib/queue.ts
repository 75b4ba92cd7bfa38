import type { WireEvent } from '../wire';
import { now } from './clock';

/** An event leaves the page at most so long after it happened (ms). */
const DUE = 5000;
const MAX_EVENTS = 50;
/** Characters, before compression. */
const MAX_SIZE = 16_384;

let events: WireEvent[] = [];
let size = 0;
let due = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Takes out the events that are waiting. */
export function take(): WireEvent[] {
  const taken = events;
  clearTimeout(timer);
  events = [];
  size = 0;
  return taken;
}

/** Collects an event, and calls `flush` when it is time: after 5 s, 50 events or 16 KiB, whichever is first. */
export function add(event: WireEvent, flush: () => void): void {
  size += JSON.stringify(event).length;
  const count = events.push(event);
  if (count >= MAX_EVENTS || size >= MAX_SIZE) flush();
  // The event may have been watched for a while before it came here; its 5 s began when it happened.
  else if (count < 2 || event.t + DUE < due) {
    due = event.t + DUE;
    clearTimeout(timer);
    timer = setTimeout(flush, due - now());
  }
}
