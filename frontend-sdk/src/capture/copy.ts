import { listen } from '../lib/attach';
import { now, since } from '../lib/clock';
import { described } from '../lib/element';
import { attribute, closest, hit, own } from '../lib/node';
import { later, record } from '../lib/recorder';
import { onMutation } from '../lib/response';
import type { Capture } from '../types';

/** What a page tells its users by. */
const REGION = ':is([role=alert],[role=status],[role=log],[aria-live]):not([class*=success i])';
/** A longer one without a role (characters) may be what somebody has come to read, such as the answers of a chat. */
const LONG = 300;
/** Of a batch, so many mutations are looked at to tell what has changed, and of each so many nodes. */
const LOOKED_AT = 16;

/** Records that text was copied out of a region in which the page tells of errors and states; never the text. */
export function copies(): Capture {
  return later(() => {
    /** When an element was last seen to appear or change. */
    const changes = new WeakMap<Node, number>();
    onMutation((records) => {
      const at = now();
      for (const { target, addedNodes } of records.slice(0, LOOKED_AT)) {
        // Lists of nodes are slow to iterate.
        let n = Math.min(addedNodes.length, LOOKED_AT);
        if (!n) changes.set(target, at);
        while (n--) {
          const node = addedNodes[n] as Node;
          changes.set(node.nodeType === 3 ? target : node, at);
        }
      }
    });

    listen('copy', (event) => {
      let inner: Node | null = hit(event);
      const region = closest(inner as Element, REGION);
      const isMessage = region && (attribute(region, 'role') || !own(region, 'textContent')[LONG]);
      const el = isMessage && described(inner as Element) && described(region);
      // Nobody saw the others appear.
      while (inner && !changes.has(inner)) inner = own(inner, 'parentNode');
      if (el) record('copy', { el, age: inner ? since(changes.get(inner) as number) : undefined });
    });
  });
}
