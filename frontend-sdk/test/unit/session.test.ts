import { beforeEach, describe, expect, test, vi } from 'vitest';

const NOW = Date.UTC(2026, 10, 23, 12);
const MINUTE = 60_000;
/** Called when a page view ends. */
const ended = vi.fn();
/** Called when nobody does anything any more. */
const idle = vi.fn();
const close = (how?: 'idle') => (how ? idle() : ended());

/** A page of its own: modules keep their state for as long as a page lives. */
async function openTab() {
  vi.resetModules();
  const session = await import('../../src/lib/session');
  return {
    session,
    /** Somebody does something. */
    act: () => {
      const going = session.goesOn(true, close);
      vi.advanceTimersByTime(0);
      return going;
    },
    /** Something happens by itself. */
    happen: () => session.goesOn(false, close),
  };
}

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  localStorage.clear();
  ended.mockReset();
  idle.mockReset();
});

describe('a session', () => {
  test('is shared by tabs, each with a page of its own', async () => {
    const [one, two] = [await openTab(), await openTab()];
    one.act();
    two.act();
    expect(two.session.sid).toBe(one.session.sid);
    expect(two.session.page).not.toBe(one.session.page);
    expect(one.session.sid).toMatch(/^[a-z0-9]{12,24}$/);
  });

  test('is not begun by what happens by itself', async () => {
    const tab = await openTab();
    expect(tab.happen()).toBe(false);
    expect([tab.session.sid, localStorage.length]).toEqual(['', 0]);
  });

  test('ends 30 min after anybody last did something', async () => {
    const tab = await openTab();
    tab.act();
    const { sid, page } = tab.session;
    ended.mockReset();
    vi.setSystemTime(NOW + 29 * MINUTE);
    tab.act();
    vi.setSystemTime(NOW + 58 * MINUTE);
    expect(tab.happen()).toBe(true);
    expect([tab.session.sid, tab.session.page]).toEqual([sid, page]);
    vi.setSystemTime(NOW + 60 * MINUTE);
    expect(tab.happen()).toBe(false);
    expect(ended).not.toHaveBeenCalled();
    // Whoever is told of the end still sees what ended.
    ended.mockImplementation(() => expect(tab.session.sid).toBe(sid));
    expect(tab.act()).toBe(true);
    expect(ended).toHaveBeenCalledTimes(1);
    expect(tab.session.sid).not.toBe(sid);
    expect(tab.session.page).not.toBe(page);
  });

  test('is kept alive by another tab', async () => {
    const [one, two] = [await openTab(), await openTab()];
    one.act();
    two.act();
    vi.setSystemTime(NOW + 20 * MINUTE);
    two.act();
    vi.setSystemTime(NOW + 40 * MINUTE);
    expect(one.happen()).toBe(true);
  });

  test('ends in this tab when another tab has begun the next', async () => {
    const [one, two] = [await openTab(), await openTab()];
    one.act();
    vi.setSystemTime(NOW + 31 * MINUTE);
    two.act();
    expect(one.happen()).toBe(false);
    one.act();
    expect(one.session.sid).toBe(two.session.sid);
  });

  test('lasts a day at most', async () => {
    const tab = await openTab();
    tab.act();
    const { sid } = tab.session;
    for (let at = 0; at < 24 * 60; at += 20) {
      vi.setSystemTime(NOW + at * MINUTE);
      tab.act();
      expect(tab.session.sid).toBe(sid);
    }
    vi.setSystemTime(NOW + 24 * 60 * MINUTE);
    expect(tab.happen()).toBe(false);
  });

  test('tells shortly before its end that nobody is there any more', async () => {
    const tab = await openTab();
    idle.mockImplementation(() => expect(tab.happen()).toBe(true));
    tab.act();
    vi.advanceTimersByTime(29 * MINUTE);
    tab.act();
    vi.advanceTimersByTime(29 * MINUTE);
    expect(idle).not.toHaveBeenCalled();
    vi.advanceTimersByTime(MINUTE);
    expect(idle).toHaveBeenCalledTimes(1);
    tab.act();
    tab.session.endPage();
    vi.advanceTimersByTime(60 * MINUTE);
    expect(idle).toHaveBeenCalledTimes(1);
  });

  test('ends when the clock was set back by more than its idle time', async () => {
    const tab = await openTab();
    tab.act();
    vi.setSystemTime(NOW - 31 * MINUTE);
    expect(tab.happen()).toBe(false);
  });

  test('lives in memory where nothing can be stored', async () => {
    const broken = vi.spyOn(window, 'localStorage', 'get').mockImplementation(() => {
      throw new DOMException('denied');
    });
    const tab = await openTab();
    tab.act();
    const { sid, page } = tab.session;
    tab.act();
    expect([tab.session.sid, tab.session.page]).toEqual([sid, page]);
    broken.mockRestore();
  });

  test('lives in memory where an old one is stored that cannot be replaced', async () => {
    localStorage.setItem('irk.s', 'old,1');
    // Full to the last byte: what is as long as before fits in, what is longer does not.
    const full = new Proxy(localStorage, {
      set(target, key: string, value: string) {
        if (key in target && value.length > String(target[key]).length)
          throw new DOMException('full', 'QuotaExceededError');
        if (!(key in target)) throw new DOMException('full', 'QuotaExceededError');
        return Reflect.set(target, key, value);
      },
    });
    vi.spyOn(window, 'localStorage', 'get').mockReturnValue(full);
    const tab = await openTab();
    tab.act();
    const { sid, page } = tab.session;
    vi.setSystemTime(NOW + MINUTE);
    tab.act();
    expect([tab.session.sid, tab.session.page]).toEqual([sid, page]);
    vi.restoreAllMocks();
  });

  test.each(['rubbish', ',', 'a,b,c', '7'])('is not taken over from what is no session: %s', async (rubbish) => {
    localStorage.setItem('irk.s', rubbish);
    const tab = await openTab();
    tab.act();
    expect(tab.session.sid).toMatch(/^[a-z0-9]{12,24}$/);
    expect(tab.session.sid.startsWith(NOW.toString(36))).toBe(true);
  });

  test('is in a sample of a half about every second time, and always the same', async () => {
    const { session, act } = await openTab();
    let hits = 0;
    for (let i = 0; i < 400; i++) {
      localStorage.clear();
      session.endPage();
      act();
      expect(session.isSampled(0.5)).toBe(session.isSampled(0.5));
      expect([session.isSampled(0), session.isSampled(1)]).toEqual([false, true]);
      if (session.isSampled(0.5)) hits++;
    }
    // Five standard deviations around 200.
    expect(hits).toBeGreaterThan(150);
    expect(hits).toBeLessThan(250);
  });
});
