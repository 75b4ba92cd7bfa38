/**
 * Which parts of a page mutate by themselves: clocks, tickers, carousels, progress bars.
 *
 * Nothing runs all the time to find that out. An observer is on anyway for a few seconds after the page was loaded and
 * after each click. The moments of these when nobody has pressed anything for a second are *quiet*, and what mutates
 * twice in one quiet spell does so by itself. Twice and 200 ms apart, so that a slow answer, which comes once or in one
 * burst, does not make its node a ticker.
 *
 * What mutates is not just a node but a node and an aspect of it: a list to which a ticker appends `<li class=tick>` still
 * answers with a `<li class=toast>`, and a bar whose style is animated still answers with a class.
 */
const QUIET_AFTER = 1000;
const TWICE_APART = 200;
/** A shorter quiet spell says nothing about a rate (ms). */
const RATE_FROM = 500;

export interface Background {
  /** Ends the quiet spell; the next one begins at `quietFrom`. Called when somebody presses something: what mutates then has a reason. */
  disturb(at: number, quietFrom?: number): void;
  /** Whether nothing has a reason to mutate now. */
  quiet(at: number): boolean;
  /** Learns from mutations in a quiet moment. */
  learn(records: MutationRecord[], at: number): void;
  /** Whether any of these mutations is not one that goes on anyway. */
  foreign(records: MutationRecord[]): boolean;
  /** Mutation batches per second in the latest quiet spell; 0 before there was any. */
  rate(at: number): number;
}

function aspectOf({ attributeName, addedNodes, removedNodes }: MutationRecord): string {
  if (attributeName) return attributeName;
  const node = addedNodes[0] ?? removedNodes[0];
  return node ? `${node.nodeName} ${(node as Element).className ?? ''}` : '';
}

export function createBackground(): Background {
  /** When a node's aspect first mutated in the latest spell; Infinity once it is known to mutate by itself. */
  const seen = new WeakMap<Node, Map<string, number>>();
  let from = Number.POSITIVE_INFINITY;
  let batches = 0;
  let latest = 0;

  const background: Background = {
    disturb(at, quietFrom = at + QUIET_AFTER) {
      background.rate(at);
      from = quietFrom;
      batches = 0;
    },
    quiet: (at) => at >= from,
    learn(records, at) {
      batches++;
      for (const record of records) {
        const aspect = aspectOf(record);
        const aspects = seen.get(record.target) ?? new Map<string, number>();
        seen.set(record.target, aspects);
        const first = aspects.get(aspect) ?? 0;
        if (first < from) aspects.set(aspect, at);
        else if (at - first >= TWICE_APART) aspects.set(aspect, Number.POSITIVE_INFINITY);
      }
    },
    foreign: (records) =>
      records.some((record) => seen.get(record.target)?.get(aspectOf(record)) !== Number.POSITIVE_INFINITY),
    rate(at) {
      if (at - from >= RATE_FROM) latest = Math.round((batches / (at - from)) * 10_000) / 10;
      return latest;
    },
  };
  return background;
}
