import type { BatchHead, WireEvent } from '../wire';
import { now } from './clock';

/** A batch that is closed: its events, as JSON, will always travel together under these ids. */
export interface Batch {
  head: BatchHead;
  events: string[];
  tries: number;
}

/** An event leaves the page at most so long after it happened (ms). */
const DUE = 5000;
const MAX_EVENTS = 50;
/** Characters, before compression. */
const MAX_SIZE = 16_384;

let events: string[] = [];
let size = 0;
let due = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Takes out the events that are waiting. */
export function take(): string[] {
  const taken = events;
  clearTimeout(timer);
  events = [];
  size = 0;
  return taken;
}

/** Collects an event, and calls `flush` when it is time: after 5 s, 50 events or 16 KiB, whichever is first. */
export function add(event: WireEvent, flush: () => void): void {
  const json = JSON.stringify(event);
  size += json.length;
  const count = events.push(json);
  if (count >= MAX_EVENTS || size >= MAX_SIZE) flush();
  // The event may have been watched for a while before it came here; its 5 s began when it happened.
  else if (count < 2 || event.t + DUE < due) {
    due = event.t + DUE;
    clearTimeout(timer);
    timer = setTimeout(flush, due - now());
  }
}
