import type { Answer } from '../wire';
import { goesOn, type Unusual } from './background';

/** A mutation that may be an answer, though it was not known yet what mutates by itself: after how many ms it came. */
export type Doubt = [ms: number, what: Unusual];

/** What goes on by itself comes, the first time, after less than this part of its period. Timers are never early. */
const PHASE = 0.98;
/** What has not come for so many of its periods has ended. Of what came once, nobody knows a period. */
const ENDED = 3;
/** What has so short a period (ms) may come with every frame. */
const FRAME = 40;

/**
 * Which of the mutations that followed a click answered it, as is known by `at`; and if none did, which went on anyway.
 * What began with the click may end, or go on as regularly as a clock, but the first of its kind took a whole period to come, or more.
 * Of what comes with every frame nobody can tell, and it counts as an answer. Without any doubts, `ms` is undefined.
 */
export function settled(doubts: Doubt[], at: number): [kind: Answer, ms: number] {
  const kinds: Unusual[] = [];
  const answer = doubts.find(([began, what]) => {
    if (!goesOn(what.record, at)) return true;
    const isAlike = (other: Unusual) => other.parent === what.parent && other.kind === what.kind;
    if (kinds.some(isAlike)) return false;
    kinds.push(what);
    const times = doubts
      .filter(([, other]) => isAlike(other) && other.record.target === what.record.target)
      .map(([ms]) => ms);
    const period = (Math.max(...times) - began) / (times.length - 1);
    return period < FRAME || began > PHASE * period || !goesOn(what.record, at, ENDED * period);
  });
  const [ms] = answer ?? doubts[0] ?? [];
  return [answer ? 'mut' : 'bg', ms as number];
}
