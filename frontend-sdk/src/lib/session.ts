import { hash } from './hash';
import { read, write } from './storage';

/** 30 min without anybody doing anything ends a session, and no session lasts longer than a day (ms). */
const IDLE = 30 * 60_000;
const LIFE = 24 * 60 * 60_000;
/** How stale our view of the other tabs may get (ms). Storage is synchronous, so it is not asked at every event. */
const RECHECK = 1000;

export const SESSION_KEY = 'irk.s';

export interface Session {
  sid: string;
  /** One per document load and session. Empty before the first event. */
  page: string;
  /** Whether the session belongs to the sample. */
  sampled: boolean;
  /**
   * Tells whether what happens now belongs to the page view as it is ('same'), or to a new one ('new': first event of
   * this document, or the session ended), or to none ('none': the session ended and `active` is false, that is, nobody
   * is there). Does not change ids.
   */
  check(active: boolean): 'same' | 'new' | 'none';
  /** Begins a new page view, within the session of other tabs if that goes on. */
  begin(): void;
}

/** 128 random bits, 20 characters or more. Not `randomUUID`, which is missing on plain http. */
function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (word) => word.toString(36).padStart(7, '0')).join('');
}

/** @param sample share of sessions to record, 0 to 1. The session's hash decides, so that a session is whole or absent. */
export function createSession(sample: number): Session {
  let start = 0;
  let last = 0;
  let checked = 0;

  const fresh = (at: number) => Math.abs(at - last) < IDLE && Math.abs(at - start) < LIFE;
  const load = () => /^([\w-]{8,64})\|(\d+)\|(\d+)$/.exec(read(SESSION_KEY) ?? '');
  const save = () => write(SESSION_KEY, [session.sid, start, last].join('|'));

  const session: Session = {
    sid: '',
    page: '',
    sampled: false,

    check(active) {
      const at = Date.now();
      let ended = !session.page || !fresh(at);
      if (Math.abs(at - checked) >= RECHECK) {
        checked = at;
        const stored = load();
        // Another tab may have kept our session alive, or begun the next one.
        if (stored?.[1] === session.sid) {
          last = Math.max(last, Number(stored[3]));
          ended = !session.page || !fresh(at);
        } else if (stored) {
          ended = true;
          checked = 0;
        }
        if (active && !ended) {
          last = at;
          save();
        }
      }
      if (ended) return active ? 'new' : 'none';
      if (active) last = at;
      return 'same';
    },

    begin() {
      const at = Date.now();
      const stored = load();
      if (stored) {
        session.sid = stored[1] as string;
        start = Number(stored[2]);
        last = Number(stored[3]);
      }
      if (!session.sid || !fresh(at)) {
        session.sid = randomId();
        start = at;
      }
      last = checked = at;
      session.page = randomId();
      session.sampled = hash(session.sid) / 2 ** 32 < sample;
      save();
    },
  };
  return session;
}
