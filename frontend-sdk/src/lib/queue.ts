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

export interface Queue {
  add(event: WireEvent): void;
  /** Closes the batch that is being filled and hands it over. */
  seal(): void;
  clear(): void;
}

/** Collects events into batches and hands each to `deliver`: after 5 s, 50 events or 16 KiB, whichever is first. */
export function createQueue(head: () => BatchHead, deliver: (batch: Batch) => void): Queue {
  let events: string[] = [];
  let size = 0;
  let due = Number.POSITIVE_INFINITY;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const queue: Queue = {
    add(event) {
      const json = JSON.stringify(event);
      events.push(json);
      size += json.length;
      if (events.length >= MAX_EVENTS || size >= MAX_SIZE) return queue.seal();
      // The event may have been watched for a while before it came here; its 5 s began when it happened.
      if (event.t + DUE < due) {
        due = event.t + DUE;
        clearTimeout(timer);
        timer = setTimeout(queue.seal, Math.max(0, due - now()));
      }
    },
    seal() {
      const sealed = events;
      queue.clear();
      if (sealed.length) deliver({ head: head(), events: sealed, tries: 0 });
    },
    clear() {
      clearTimeout(timer);
      events = [];
      size = 0;
      due = Number.POSITIVE_INFINITY;
    },
  };
  return queue;
}
