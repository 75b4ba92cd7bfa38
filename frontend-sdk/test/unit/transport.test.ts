import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Batch } from '../../src/wire';

/** What the server is asked, and what it answers: a status, a status with Retry-After (s, or a date), or 'cut'. */
let asked: Array<Batch & { sentMono: number; lost?: number; keepalive?: boolean }> = [];
let answers: Array<number | [number, number | string] | 'cut'> = [];
let transport: typeof import('../../src/lib/transport');
let attachment: typeof import('../../src/lib/attach');
const refused = vi.fn();
const URL_WITH_KEY = '/v1/events?k=irk_pk_test';
/** How the names begin under which pages of this key store. */
const PLACES = `irk.q${URL_WITH_KEY} `;

async function openPage() {
  vi.resetModules();
  attachment = await import('../../src/lib/attach');
  transport = await import('../../src/lib/transport');
  attachment.attach(() => {});
  transport.connect(URL_WITH_KEY, refused);
  transport.resume();
}

const batch = (seq: number, count = 1): Batch => ({
  v: 1,
  sdk: 'test',
  sid: 'session-1',
  page: 'page-0001',
  seq,
  try: 0,
  origin: Math.round(performance.timeOrigin),
  ctx: {},
  events: Array.from({ length: count }, (_, n) => ({ n, t: n, type: 'track', route: '/', name: 'x' })),
});

/** Lets what is due in the next `ms` happen, bodies being read included. */
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  vi.spyOn(Math, 'random').mockReturnValue(1);
  vi.stubGlobal('CompressionStream', undefined);
  window.fetch = (async (_: string, { body, keepalive }: { body: BodyInit; keepalive?: boolean }) => {
    const answer = answers.shift() ?? 200;
    asked.push({ ...(await new Response(body).json()), keepalive });
    if (answer === 'cut') throw new TypeError('Failed to fetch');
    const [status, seconds] = Array.isArray(answer) ? answer : [answer, undefined];
    return new Response('{}', { status, headers: seconds ? { 'Retry-After': String(seconds) } : {} });
  }) as never;
  localStorage.clear();
  asked = [];
  answers = [];
  refused.mockReset();
  await openPage();
});

afterEach(() => {
  attachment.detach();
  transport.disconnect('everywhere');
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('retries', () => {
  test('double their longest delay, up to a minute', async () => {
    answers = Array(9).fill(503);
    transport.deliver(batch(0));
    await pass(0);
    for (const [index, delay] of [1, 2, 4, 8, 16, 32, 60, 60].entries()) {
      await pass(delay * 1000 - 1);
      expect(asked).toHaveLength(index + 1);
      await pass(1);
      expect(asked).toHaveLength(index + 2);
    }
    expect(asked.map((sent) => sent.try)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(new Set(asked.map(({ page, seq, events }) => JSON.stringify([page, seq, events]))).size).toBe(1);
  });

  test('wait for as long as the server asks, and some more, so that not all clients come at once', async () => {
    answers = [[429, 30]];
    transport.deliver(batch(0));
    await pass(30_999);
    expect(asked).toHaveLength(1);
    await pass(1);
    expect(asked).toHaveLength(2);
  });

  test('leave the server in peace until then, whatever happens', async () => {
    answers = [[429, 3600]];
    transport.deliver(batch(0));
    await pass(0);
    dispatchEvent(new Event('online'));
    transport.leave();
    await pass(0);
    expect(asked).toHaveLength(1);
    expect(Object.values(localStorage).join()).toContain('"seq":0');
  });

  test('follow a 200 of a page, not of the server, and what a server has rejected is told as lost', async () => {
    const said = [
      new Response('<p>Sign in</p>', { headers: { 'Content-Type': 'text/html' } }),
      new Response('{"accepted":0,"rejected":[{"n":0},{"n":1}]}'),
    ];
    const send = window.fetch;
    window.fetch = (async (...request: Parameters<typeof fetch>) => {
      const made = await send(...request);
      return said.shift() ?? made;
    }) as never;
    await openPage();
    transport.deliver(batch(0, 2));
    transport.deliver(batch(1));
    await pass(2000);
    expect(asked.map(({ seq, lost }) => [seq, lost])).toEqual([
      [0, undefined],
      [0, undefined],
      [1, 2],
    ]);
  });

  test('wait until the date that the server names', async () => {
    answers = [[503, new Date(Date.now() + 30_000).toUTCString()]];
    transport.deliver(batch(0));
    await pass(28_000);
    expect(asked).toHaveLength(1);
    await pass(3_000);
    expect(asked).toHaveLength(2);
  });

  test.each([408, 500, 502, 504, 'cut' as const])('follow a %s', async (answer) => {
    answers = [answer];
    transport.deliver(batch(0));
    await pass(1000);
    expect(asked).toHaveLength(2);
  });

  test.each([200, 400, 404, 415])('do not follow a %s, and the next batch goes on', async (answer) => {
    answers = [answer];
    transport.deliver(batch(0));
    transport.deliver(batch(1));
    await pass(120_000);
    expect(asked.map(({ seq }) => seq)).toEqual([0, 1]);
  });

  test('of what was too large go in halves, and a single event is given up', async () => {
    answers = [413, 413, 200];
    transport.deliver(batch(0, 2));
    await pass(120_000);
    expect(asked.map(({ events }) => events.map(({ n }) => n))).toEqual([[0, 1], [0], [1]]);
  });

  test('keep at most 500 events, the newest', async () => {
    answers = [[503, 60]];
    transport.deliver(batch(0, 50));
    await pass(0);
    for (let seq = 1; seq < 12; seq++) transport.deliver(batch(seq, 50));
    await pass(120_000);
    expect(asked.slice(1).map(({ seq }) => seq)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(asked.map(({ lost }) => lost)).toEqual([undefined, 100, ...Array(9).fill(undefined)]);
  });

  test('tell how many events were given up', async () => {
    answers = [400, 413, 200];
    transport.deliver(batch(0, 7));
    transport.deliver(batch(1, 1));
    transport.deliver(batch(2, 1));
    transport.deliver(batch(3, 1));
    await pass(120_000);
    expect(asked.map(({ lost }) => lost)).toEqual([undefined, 7, 8, undefined]);
  });
});

describe('the SDK gives up', () => {
  test.each([401, 403])('after a %s', async (answer) => {
    answers = [answer];
    transport.deliver(batch(0));
    await pass(120_000);
    expect(asked).toHaveLength(1);
    expect(refused).toHaveBeenCalledTimes(1);
  });

  test('after three requests that never left, while online', async () => {
    answers = Array(9).fill('cut');
    transport.deliver(batch(0));
    await pass(120_000);
    expect(asked).toHaveLength(3);
    expect(refused).toHaveBeenCalledTimes(1);
  });

  test('not while offline, and goes on as soon as it is online', async () => {
    const online = vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false);
    answers = Array(5).fill('cut');
    transport.deliver(batch(0));
    await pass(20_000);
    expect(asked).toHaveLength(5);
    expect(refused).not.toHaveBeenCalled();
    online.mockReturnValue(true);
    window.dispatchEvent(new Event('online'));
    await pass(0);
    expect(asked).toHaveLength(6);
  });
});

describe('leaving', () => {
  test('sends what waits, once, and stores it until the server has proved to be there', async () => {
    answers = [503, 503];
    transport.deliver(batch(0));
    await pass(0);
    transport.leave();
    transport.leave();
    await pass(0);
    expect(asked).toHaveLength(2);
    expect(asked.map(({ keepalive }) => keepalive)).toEqual([undefined, true]);
    await openPage();
    await pass(0);
    expect(asked).toHaveLength(3);
    expect(asked[2]?.page).toBe('page-0001');
    expect(Object.keys(localStorage)).toEqual([]);
  });

  test('stores what is more than the browser sends', async () => {
    answers = [503, 503];
    transport.deliver(batch(0));
    await pass(0);
    const huge = batch(1, 50);
    for (const event of huge.events) event.name = 'x'.repeat(2000);
    transport.deliver(huge);
    transport.leave();
    await pass(0);
    expect(asked.map(({ seq }) => seq)).toEqual([0, 0]);
    expect(localStorage.getItem(Object.keys(localStorage)[0] as string)).toContain('"seq":1');
  });

  test('keeps what another page has stored', async () => {
    localStorage.setItem(`${PLACES}1`, JSON.stringify([batch(7)]));
    answers = [503, 503];
    transport.deliver(batch(0));
    await pass(0);
    transport.leave();
    await openPage();
    await pass(0);
    expect(new Set(asked.map(({ seq }) => seq))).toEqual(new Set([0, 7]));
  });

  test.each([
    '{not json',
    '{}',
    '7',
    'null',
    '[null]',
    '[1]',
    '"abc"',
    '{"1":[null]}',
    '[{"events":5}]',
    '[{"events":[]}]',
  ])('ignores what others left under our name: %s', async (rubbish) => {
    localStorage.setItem(`${PLACES}`, rubbish);
    await openPage();
    transport.deliver(batch(0));
    await pass(0);
    expect(asked.at(-1)?.seq).toBe(0);
    expect(Object.keys(localStorage)).toEqual([]);
  });
});

test('rubbish among what was left costs none of its neighbours', async () => {
  localStorage.setItem(
    `${PLACES}1`,
    JSON.stringify([null, batch(7), { events: 5 }, { ...batch(8), page: 'page-0002' }]),
  );
  await openPage();
  await pass(1000);
  expect(asked.map(({ seq }) => seq)).toEqual([7, 8]);
});

describe('nothing is lost, and nobody is flooded', () => {
  const queue = () => Object.entries(localStorage).join();
  /** Requests that are answered by hand. */
  function byHand() {
    const under: Array<(status: number) => void> = [];
    window.fetch = ((_: string, { body, signal, keepalive }: RequestInit) =>
      new Promise((resolve, reject) => {
        under.push((status) => resolve({ status }));
        signal?.addEventListener('abort', () => reject(signal.reason));
        void new Response(body).json().then((sent) => asked.push({ ...sent, keepalive }));
      })) as never;
    return under;
  }

  test.each([2_592_000, 1e12])('where the server asks for more time than a timer can hold: %s s', async (seconds) => {
    answers = Array(9).fill([429, seconds]);
    transport.deliver(batch(0));
    await pass(3_600_000);
    expect(asked).toHaveLength(1);
  });

  test('where the answer is made up by the page', async () => {
    let sent = 0;
    window.fetch = (async () => ({ status: ++sent && 200, headers: {} })) as never;
    await openPage();
    transport.deliver(batch(0));
    transport.deliver(batch(1));
    await pass(1000);
    expect(sent).toBe(2);
  });

  test('where a server that has answered is down for a while', async () => {
    answers = [200, ...Array(6).fill('cut')];
    transport.deliver(batch(0));
    await pass(0);
    transport.deliver(batch(1));
    await pass(120_000);
    expect(refused).not.toHaveBeenCalled();
    expect(asked).toHaveLength(8);
  });

  test('where a request gets no answer', async () => {
    const timeouts: AbortController[] = [];
    vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => {
      timeouts.push(new AbortController());
      return (timeouts.at(-1) as AbortController).signal;
    });
    byHand();
    await openPage();
    transport.deliver(batch(0));
    await pass(0);
    timeouts[0]?.abort();
    await pass(1000);
    expect(asked.map(({ seq }) => seq)).toEqual([0, 0]);
  });

  test('where a page is left while the server does not answer any more', async () => {
    transport.deliver(batch(0));
    await pass(0);
    byHand();
    await openPage();
    transport.deliver(batch(1));
    transport.deliver(batch(2));
    expect(queue()).toContain('"seq":2');
    transport.leave();
    expect(queue()).toContain('"seq":1');
  });

  test('where nothing can be stored: a page that is left sends all', async () => {
    answers = Array(99).fill(503);
    const storage = localStorage;
    vi.stubGlobal('localStorage', Object.freeze({}));
    for (let seq = 0; seq < 9; seq++) transport.deliver(batch(seq));
    await pass(0);
    transport.leave();
    await pass(0);
    vi.stubGlobal('localStorage', storage);
    expect(asked.filter(({ keepalive }) => keepalive)).toHaveLength(9);
  });

  test('by one key that another has stored on the same site', async () => {
    const other = 'irk.q/v1/events?k=irk_pk_other 1';
    localStorage.setItem(other, JSON.stringify([batch(7)]));
    await openPage();
    await pass(2000);
    expect(asked).toEqual([]);
    expect(Object.keys(localStorage)).toEqual([other]);
    transport.disconnect('everywhere');
    expect(Object.keys(localStorage)).toEqual([]);
  });

  test('where a page is left that is known to be offline', async () => {
    transport.deliver(batch(0));
    await pass(0);
    vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false);
    answers = ['cut'];
    transport.deliver(batch(1));
    transport.leave();
    expect(queue()).toContain('"seq":1');
  });

  test('where nobody answers: a page that is left sends no more than the latest, and stores all', async () => {
    answers = Array(99).fill(503);
    for (let seq = 0; seq < 40; seq++) transport.deliver(batch(seq));
    await pass(0);
    transport.leave();
    await pass(0);
    expect(asked.map(({ seq }) => seq)).toEqual([0, 37, 38, 39]);
    for (let seq = 0; seq < 40; seq++) expect(queue()).toContain(`"seq":${seq},`);
  });

  test('where former pages have stored the same, as one of them is still open', async () => {
    const left = Array.from({ length: 6 }, (_, seq) => {
      const each = batch(seq, 50);
      for (const event of each.events) event.n += seq * 50;
      return each;
    });
    localStorage.setItem(`${PLACES}1`, JSON.stringify(left));
    localStorage.setItem(`${PLACES}2`, JSON.stringify(left));
    answers = [503];
    await openPage();
    transport.deliver({ ...batch(6, 50), page: 'page-0002' });
    await pass(120_000);
    expect(asked.slice(1).map(({ seq }) => seq)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(asked.map(({ lost }) => lost ?? 0)).toEqual(Array(8).fill(0));
  });

  test('where a page is killed before it could deliver what former pages have left', async () => {
    localStorage.setItem(`${PLACES}1`, JSON.stringify([batch(7)]));
    byHand();
    await openPage();
    await pass(0);
    expect(asked).toHaveLength(1);
    expect(queue()).toContain('"seq":7');
  });

  test('sent twice by a page that is only hidden, or stored any longer once it was accepted', async () => {
    transport.deliver(batch(0));
    await pass(1000);
    transport.deliver(batch(1));
    transport.leave();
    expect(queue()).toContain('"seq":1');
    await pass(1000);
    expect(asked.map(({ seq, keepalive }) => [seq, keepalive])).toEqual([
      [0, undefined],
      [1, true],
    ]);
    expect(queue()).toBe('');
  });

  test('lost that a server refuses at the last moment, though it was well until then', async () => {
    transport.deliver(batch(0));
    await pass(1000);
    answers = [503];
    transport.deliver(batch(1));
    transport.leave();
    // The page is gone before the answer.
    transport.disconnect();
    await openPage();
    await pass(1000);
    expect(asked.map(({ seq }) => seq)).toEqual([0, 1, 1]);
  });

  test('untold: what was given up while a request was under way', async () => {
    const under = byHand();
    await openPage();
    transport.deliver(batch(0));
    await pass(0);
    for (let seq = 1; seq < 13; seq++) transport.deliver(batch(seq, 50));
    await pass(0);
    under[0]?.(200);
    await pass(0);
    expect(asked[1]?.lost).toBe(101);
  });

  test('twice told: what was given up, when all is sent at once', async () => {
    answers = [400, 503];
    transport.deliver(batch(0, 7));
    transport.deliver(batch(1));
    transport.deliver(batch(2));
    await pass(0);
    transport.leave();
    await pass(0);
    expect(asked.filter(({ keepalive }) => keepalive).map(({ seq, lost }) => [seq, lost])).toEqual([
      [1, 7],
      [2, undefined],
    ]);
  });

  test('sent again that was erased', async () => {
    const under = byHand();
    await openPage();
    transport.deliver(batch(0, 2));
    await pass(0);
    transport.disconnect('everywhere');
    transport.connect(URL_WITH_KEY, refused);
    transport.deliver(batch(1));
    under[0]?.(413);
    await pass(1000);
    under[1]?.(200);
    await pass(1000);
    expect(asked.map(({ seq }) => seq)).toEqual([0, 1]);
  });

  test('ended by the answer to a key that was given before', async () => {
    const under = byHand();
    await openPage();
    transport.deliver(batch(0));
    await pass(0);
    transport.disconnect();
    transport.connect('/v1/events?k=irk_pk_other', refused);
    under[0]?.(403);
    await pass(0);
    expect(refused).not.toHaveBeenCalled();
  });
});
