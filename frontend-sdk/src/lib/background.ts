/**
 * Which parts of a page mutate by themselves: clocks, tickers, carousels, progress bars.
 *
 * Nothing runs all the time to find that out: a mutation observer that is on costs the page time, whatever it is used for.
 * It is on for a moment after the page was loaded, and after a click until the page has answered. The moments of these when
 * nobody has pressed anything for a second are *quiet*, and what mutates twice in one quiet spell does so by itself. Twice
 * and 200 ms apart, so that a slow answer, which comes once or in one burst, does not make its node a ticker.
 *
 * What mutates is not just a node but a node and an aspect of it: a list to which a ticker appends `<li class=tick>` still
 * answers with a `<li class=toast>`, and a bar whose style is animated still answers with a class.
 */
export const QUIET_AFTER = 1000;
const TWICE_APART = 200;
/** A shorter quiet spell says nothing about a rate (ms). */
const RATE_FROM = 500;
/** A page that mutates by the dozen is looked at once in a while only: what it mutates by itself comes again. */
const DOZEN = 12;

/** When a node's aspect first mutated in the latest spell; Infinity once it is known to mutate by itself. */
const seen: WeakMap<Node, Record<string, number>> = /* @__PURE__ */ new WeakMap();
/** When the latest spell began or will begin, how many batches it had, and how many per second. */
let quietFrom = Number.POSITIVE_INFINITY;
let batches = 0;
let latest = 0;
/** When many mutations at once are looked at again. */
let nextLook = 0;

function aspectOf(record: MutationRecord): string {
  const node = (record.addedNodes[0] ?? record.removedNodes[0]) as Element | undefined;
  return record.attributeName ?? `${node?.nodeName} ${node?.className}`;
}

/** Mutation batches per second in the latest quiet spell, until `at`; 0 before there was any. */
export function rate(at: number): number {
  const ms = at - quietFrom;
  if (ms > RATE_FROM) latest = Math.round((1000 * batches) / ms);
  return latest;
}

/** Ends the quiet spell at `at`. Called when somebody presses something: what mutates then has a reason. */
export function disturb(at: number, next: number = at + QUIET_AFTER): void {
  rate(at);
  quietFrom = next;
  batches = 0;
}

/** Learns from mutations, if they came in a quiet moment. */
export function learn(records: MutationRecord[], at: number): void {
  if (at < quietFrom) return;
  batches++;
  if (records.length > DOZEN) {
    if (at < nextLook) return;
    nextLook = at + TWICE_APART;
  }
  for (const record of records) {
    const aspects = seen.get(record.target) ?? {};
    const aspect = aspectOf(record);
    const first = aspects[aspect] ?? 0;
    if (first < quietFrom) aspects[aspect] = at;
    else if (at - first >= TWICE_APART) aspects[aspect] = Number.POSITIVE_INFINITY;
    seen.set(record.target, aspects);
  }
}

/** Whether a mutation goes on anyway. */
export const isUsual = (record: MutationRecord): boolean =>
  seen.get(record.target)?.[aspectOf(record)] === Number.POSITIVE_INFINITY;
