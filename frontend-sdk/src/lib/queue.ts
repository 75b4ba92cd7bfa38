import type { WireEvent } from '../wire';
import { now } from './clock';

/** Events are sent so long after the first of them happened (ms) … */
const DUE = 5000;
/** … or when there are so many. An event has some 300 bytes and never more than 2,000, so that a batch fits in a keepalive request. */
const MAX_EVENTS = 50;

const events: WireEvent[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;

/** Takes out the events that are waiting. */
export function take(): WireEvent[] {
  clearTimeout(timer);
  return events.splice(0);
}

/** Collects an event, and calls `flush` when it is time. */
export function add(event: WireEvent, flush: () => void): void {
  const count = events.push(event);
  if (count === MAX_EVENTS) flush();
  // The event may have been watched for a while before it came here; its 5 s began when it happened.
  else if (count === 1) timer = setTimeout(flush, event.t + DUE - now());
}
