/**
 * Which parts of a page mutate by themselves: clocks, tickers, carousels, progress bars.
 *
 * Nothing runs all the time to find that out: a mutation observer that sees everything costs the page time, whatever it is used for.
 * It is on for a moment after the page was loaded, and after a click until the page has answered. The moments of these when
 * nobody has pressed anything for a second are *quiet*, and what mutates twice in one quiet spell does so by itself. Twice
 * and 200 ms apart, so that a slow answer, which comes once or in one burst, does not make its node a ticker.
 *
 * What mutates is not just a node but a node and an aspect of it: a list to which a ticker appends `<li class=tick>` still
 * answers with a `<li class=toast>`, and a bar whose style is animated still answers with a class.
 */
export const QUIET_AFTER = 1000;
const TWICE_APART = 200;
/** Where mutations come by the dozen, nothing is learnt from those that come sooner than what is twice apart. */
const DOZEN = 12;
/** A shorter quiet spell says nothing about a rate (ms). */
const RATE_FROM = 500;

/** When a node's aspect first mutated in the latest spell; Infinity once it is known to mutate by itself. */
const seen: WeakMap<Node, Record<string, number>> = /* @__PURE__ */ new WeakMap();
/** When the latest quiet spell began or will begin, and how many batches it had. */
let quietFrom = Number.POSITIVE_INFINITY;
let batches = 0;
/** When the next batch is learnt from. */
let nextLook = 0;
/** How many records the latest batch had that was all usual. */
let usual = 0;

/** Mutation batches per second in the latest quiet spell that has ended; 0 before there was any. */
export let rate = 0;

/** Ends the quiet spell at `at`. Called when somebody presses something: what mutates then has a reason. */
export function disturb(at: number, next: number = at + QUIET_AFTER): void {
  const ms = at - quietFrom;
  if (ms > RATE_FROM) rate = Math.round((1000 * batches) / ms);
  quietFrom = next;
  batches = 0;
}

/** Whether a batch of mutations, which came at `at`, goes on anyway. Learns from it, if it came in a quiet moment. */
export function isUsual(records: MutationRecord[], at: number): boolean {
  const quiet = at >= quietFrom;
  if (quiet) batches++;
  const learns = quiet && at >= nextLook;
  if (learns && records.length > DOZEN) nextLook = at + TWICE_APART;
  let all = true;
  for (const record of records) {
    const { target } = record;
    const node = (record.addedNodes[0] ?? record.removedNodes[0]) as Element | undefined;
    const aspect = record.attributeName ?? `${node?.nodeName} ${node?.className}`;
    const aspects = seen.get(target) ?? {};
    const first = aspects[aspect] ?? 0;
    if (first < Number.POSITIVE_INFINITY) {
      all = false;
      if (!learns) break;
      if (first < quietFrom) aspects[aspect] = at;
      else if (at - first >= TWICE_APART) aspects[aspect] = Number.POSITIVE_INFINITY;
      seen.set(target, aspects);
    } else if (records.length === usual) break;
    // A busy page mutates by the hundred, but always as many. An answer among them would make one more.
  }
  if (all) usual = records.length;
  return all;
}
