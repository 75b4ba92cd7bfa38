import { beforeEach, describe, expect, test, vi } from 'vitest';

const NOW = Date.UTC(2026, 10, 23, 12);
const MINUTE = 60_000;

/** A page of its own: modules keep their state for as long as a page lives. */
async function openTab() {
  vi.resetModules();
  return import('../../src/lib/session');
}

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  localStorage.clear();
});

describe('a session', () => {
  test('is shared by tabs, each with a page of its own', async () => {
    const [one, two] = [await openTab(), await openTab()];
    one.beginPage();
    two.beginPage();
    expect(two.sid).toBe(one.sid);
    expect(two.page).not.toBe(one.page);
    expect(one.sid).toMatch(/^[a-z0-9]{20}$/);
  });

  test('ends 30 min after anybody last did something', async () => {
    const tab = await openTab();
    tab.beginPage();
    vi.setSystemTime(NOW + 29 * MINUTE);
    expect(tab.isAlive(true)).toBe(true);
    vi.setSystemTime(NOW + 58 * MINUTE);
    expect(tab.isAlive(false)).toBe(true);
    vi.setSystemTime(NOW + 60 * MINUTE);
    expect(tab.isAlive(true)).toBe(false);
  });

  test('is kept alive by another tab', async () => {
    const [one, two] = [await openTab(), await openTab()];
    one.beginPage();
    two.beginPage();
    vi.setSystemTime(NOW + 20 * MINUTE);
    expect(two.isAlive(true)).toBe(true);
    vi.setSystemTime(NOW + 40 * MINUTE);
    expect(one.isAlive(false)).toBe(true);
  });

  test('ends in this tab when another tab has begun the next', async () => {
    const [one, two] = [await openTab(), await openTab()];
    one.beginPage();
    vi.setSystemTime(NOW + 31 * MINUTE);
    two.beginPage();
    expect(one.isAlive(true)).toBe(false);
    one.beginPage();
    expect(one.sid).toBe(two.sid);
  });

  test('lasts a day at most', async () => {
    const tab = await openTab();
    tab.beginPage();
    for (let at = 0; at < 24 * 60; at += 20) {
      vi.setSystemTime(NOW + at * MINUTE);
      expect(tab.isAlive(true)).toBe(true);
    }
    vi.setSystemTime(NOW + 24 * 60 * MINUTE);
    expect(tab.isAlive(true)).toBe(false);
  });

  test('lives in memory where nothing can be stored', async () => {
    const broken = vi.spyOn(window, 'localStorage', 'get').mockImplementation(() => {
      throw new DOMException('denied');
    });
    const tab = await openTab();
    tab.beginPage();
    const { sid } = tab;
    tab.beginPage();
    expect(tab.isAlive(true)).toBe(true);
    expect(tab.sid).toBe(sid);
    broken.mockRestore();
  });

  test('is not taken over from what is no session', async () => {
    localStorage.setItem('irk.s', 'rubbish');
    const tab = await openTab();
    tab.beginPage();
    expect(tab.sid).toMatch(/^[a-z0-9]{20}$/);
  });

  test('is in a sample of a half about every second time, and always the same', async () => {
    const tab = await openTab();
    let hits = 0;
    for (let i = 0; i < 400; i++) {
      localStorage.clear();
      tab.endPage();
      tab.beginPage();
      expect(tab.isSampled(0.5)).toBe(tab.isSampled(0.5));
      expect([tab.isSampled(0), tab.isSampled(1)]).toEqual([false, true]);
      if (tab.isSampled(0.5)) hits++;
    }
    // Five standard deviations around 200.
    expect(hits).toBeGreaterThan(150);
    expect(hits).toBeLessThan(250);
  });
});
