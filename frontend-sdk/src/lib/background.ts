/**
 * Which parts of a page mutate by themselves: clocks, tickers, carousels, progress bars.
 *
 * Nothing runs all the time to find that out: a mutation observer that sees everything costs the page time, whatever it is used for.
 * It is on for some 10 s after a page or a route was shown, and after a click until the page has answered. The moments of these when
 * nobody has pressed anything for a second are *quiet*, and what mutates twice in one quiet spell does so by itself. Twice
 * and 200 ms apart, so that a slow answer, which comes once or in one burst, does not make its node a ticker. What somebody
 * clicks before that is known stays in doubt for a while (`doubt.ts`).
 *
 * What mutates is not just a node but a node and an aspect of it: a list to which a ticker appends `<li class=tick>` still
 * answers with a `<li class=toast>`, and a bar whose style is animated still answers with a class.
 */
export const QUIET_AFTER = 1000;
const TWICE_APART = 200;
/** Where so many mutations come at once, nothing is learnt from those that come sooner than what is twice apart. */
const MANY = 64;
/** What has not mutated for so long goes on no more (ms). */
const STILL = 6000;
/** A shorter quiet spell says nothing about a rate (ms). */
const RATE_FROM = 500;

/**
 * When a node's aspect first mutated in the latest spell; once it is known to mutate by itself, minus when it last did. Of
 * slides, rows and other siblings that take turns, their parent knows the attribute.
 */
const seen: WeakMap<Node, Record<string, number>> = /* @__PURE__ */ new WeakMap();
/** When the latest quiet spell began or will begin, and how many batches it had. */
let quietFrom = Number.POSITIVE_INFINITY;
let batches = 0;
/** When somebody last did something. */
let inputAt = Number.NEGATIVE_INFINITY;
/** A frame, and some more (ms): what comes with every frame after an input was begun by it, and is not to be learnt before it ends. */
const FRAME = 45;
/** The latest that was not known to go on, and when it came. */
let latest: Node | undefined;
let latestAt = 0;
/** What has not mutated since then is over, as it was looked for all the time: the curves of a chart that is drawn once. */
const over = { paint: 0, rest: 0 };
/** Whether some was not looked at, which may go on. */
let skipped = false;
/** When the next batch is learnt from. */
let nextLook = 0;
/** How many records the latest batch had that was all usual. */
let usual = 0;

const aspectOf = ({ attributeName, addedNodes, removedNodes }: MutationRecord) => {
  const node = (addedNodes[0] ?? removedNodes[0]) as Element | undefined;
  return attributeName ?? `${node?.nodeName} ${node?.className}`;
};

/** A mutation, and what it has in common with those of its kind, such as of the rows of a list. */
export interface Unusual {
  record: MutationRecord;
  parent: Node | null;
  kind: string;
}

/** Whether what mutated is known, at `at`, to do so by itself, and has done so within so many ms. */
export function goesOn(record: MutationRecord, at: number, within?: number): boolean {
  const { target } = record;
  const aspect = aspectOf(record);
  const still = (node: Node | null, what: string) => {
    const last = seen.get(node as Node)?.[what] as number;
    return last < 0 && at + last < (within || STILL);
  };
  return still(target, aspect) || still(target.parentNode, `${target.nodeName} ${aspect}`);
}

/** Mutation batches per second in the latest quiet spell that has ended; 0 before there was any. */
export let rate = 0;

/** Ends the quiet spell at `at`. Called when somebody presses something: what mutates then has a reason. `input`: when he did. */
export function disturb(at: number, next: number = at + QUIET_AFTER, input: number = at): void {
  const ms = at - quietFrom;
  if (ms > RATE_FROM) rate = Math.round((1000 * batches) / ms);
  quietFrom = next;
  inputAt = input;
  batches = 0;
}

/** Notes that what has not mutated for so long (ms) by `at` is over. Called when the page was looked at for longer. */
export function conclude(at: number, what: keyof typeof over, still: number = STILL): void {
  if (!skipped) over[what] = at - still;
  skipped &&= what === 'paint';
}

/** The first of a batch of mutations, which came at `at`, that does not go on anyway. Learns from them, if they came in a quiet moment. */
export function unusual(records: MutationRecord[], at: number): Unusual | undefined {
  const quiet = at >= quietFrom;
  if (quiet) batches++;
  const learns = quiet && at >= nextLook;
  if (learns && records.length > MANY) nextLook = at + TWICE_APART;
  let odd: Unusual | undefined;
  for (const record of records) {
    const { target, attributeName } = record;
    const parent = target.parentNode;
    const aspect = aspectOf(record);
    const kind = `${target.nodeName} ${aspect}`;
    const aspects = seen.get(target) ?? {};
    const kinds = (attributeName ? seen.get(parent as Node) : undefined) ?? {};
    const since = -over[aspect === 'paint' ? aspect : 'rest'];
    const known = (mutated = 0) => (mutated < 0 && mutated > since ? 0 : mutated);
    const first = known(aspects[aspect]);
    const turn = known(kinds[kind]);
    if (first < 0) aspects[aspect] = -at;
    if (turn < 0) kinds[kind] = -at;
    if (first < 0 || turn < 0) {
      // A busy page mutates by the hundred, but always as many. An answer among them would make one more.
      if (!quiet && records.length === usual) {
        skipped ||= usual > 1;
        break;
      }
    } else {
      odd ??= { record, parent, kind };
      if (!learns) {
        skipped ||= records.length > 1;
        break;
      }
      if (first < quietFrom) {
        aspects[aspect] = at;
        // This time it is another one's turn.
        if (turn < quietFrom) kinds[kind] = at;
        else if (at - turn >= TWICE_APART) kinds[kind] = -at;
      } else if (at - first >= TWICE_APART) aspects[aspect] = -at;
      seen.set(target, aspects);
      if (attributeName && parent) seen.set(parent, kinds);
    }
  }
  if (!odd) usual = records.length;
  else {
    const { target } = odd.record;
    if (target === latest && at - latestAt < FRAME && at - inputAt < STILL) quietFrom = Math.max(quietFrom, at + FRAME);
    latest = target;
    latestAt = at;
  }
  return odd;
}
