import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { CHROMIUM, FLAGS, openSite, type Site, type Visit } from './site';

let site: Site;
beforeAll(async () => {
  site = await openSite(['--disable-back-forward-cache']);
});
afterAll(() => site.close());

async function done(visit: Visit) {
  expect([visit.faults, visit.noise]).toEqual([[], []]);
  await visit.context.close();
}

const MINUTE = 60_000;
const BODY = '<button id="it">Pay</button>';

/** When an event happened, by the page's clocks alone: ms since 1970. */
function wallTimes(visit: Visit): Array<{ type: string; at: number; n: number; page: string; skew: number }> {
  return visit.batches.flatMap(({ page, origin, sentMono, sentWall, events }) =>
    events.map(({ type, t, n }) => ({ type, at: origin + t, n, page, skew: sentWall - origin - sentMono })),
  );
}

describe.concurrent('a page out of the back/forward cache', () => {
  /** By the protocol: Playwright loses a page that comes back as it was. */
  async function evaluate(visit: Visit, expression: string) {
    const session = await visit.context.newCDPSession(visit.page);
    const { result } = await session.send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    await session.detach();
    return result.value as unknown;
  }

  const RESTORED = `addEventListener('pageshow', (event) => { if (event.persisted) window.restored = (window.restored ?? 0) + 1; })`;

  async function goBack(visit: Visit, times: number) {
    await evaluate(visit, 'history.back()');
    while ((await evaluate(visit, 'window.restored').catch(() => 0)) !== times) await visit.page.waitForTimeout(50);
  }

  test('tells nothing more where consent was withdrawn meanwhile', async () => {
    const visit = await site.visit({ body: BODY, before: RESTORED });
    await visit.page.click('#it');
    await visit.page.goto(`${site.origin}/plain`);
    await visit.arrived('leave');
    // As the SDK does it on a page that has it.
    await evaluate(visit, `delete localStorage['irk.s']`);
    await goBack(visit, 1);
    const sent = visit.bodies.length;
    await evaluate(visit, `irk.track('secret')`);
    await visit.page.mouse.click(20, 15);
    expect(await evaluate(visit, 'Object.keys(localStorage).join()')).toBe('');
    await visit.page.goto(`${site.origin}/plain`);
    await visit.page.waitForTimeout(500);
    expect(visit.bodies.length).toBe(sent);
    await done(visit);
  });

  test('goes on where it was, and tells nothing twice', async () => {
    const visit = await site.visit({
      body: BODY,
      before: RESTORED,
    });
    await visit.page.click('#it');
    for (let times = 1; times <= 2; times++) {
      await visit.page.goto(`${site.origin}/plain`);
      await visit.arrived('leave', times);
      await goBack(visit, times);
      await evaluate(visit, `irk.track('back ${times}')`);
    }
    await visit.page.mouse.click(20, 15);
    await visit.leave();
    const told = visit
      .events()
      .filter(({ type }) => type !== 'interaction')
      .map(({ type, nav, name }) => [type, nav ?? name].filter(Boolean).join(' '));
    expect(told).toEqual([
      'page load',
      'click',
      'leave',
      'return',
      'page bfcache',
      'track back 1',
      'leave',
      'return',
      'page bfcache',
      'track back 2',
      'click',
      'leave',
    ]);
    // One document is one page view, however often it was shown.
    expect(new Set(visit.events().map(({ page, sid }) => page + sid)).size).toBe(1);
    // What was under way when the page was left is sent again, as it was.
    const sent = visit.batches.flatMap(({ events }) => events.map((event) => JSON.stringify(event)));
    expect(new Set(sent).size).toBe(visit.events().length);
    await done(visit);
  });
});

test('the script asks to be compiled while it is loaded, which works in its first line alone', async () => {
  const visit = await site.visit({ attributes: null });
  const script = await visit.page.evaluate(`fetch('/sdk/irk.js').then((answer) => answer.text())`);
  expect((script as string).split('\n')[0]).toBe('//# allFunctionsCalledOnLoad');
  await done(visit);
});

test('what is done while the page is still busy starting is told', async () => {
  const visit = await site.visit({
    attributes: null,
    head: '<script src="/sdk/irk.js"></script>',
    body: `${BODY}<script>
      if (location.search) {
        irk.init({ key: 'irk_pk_test', endpoint: '/ingest' + location.pathname });
        for (const t = performance.now(); performance.now() - t < 1500;);
      }</script>`,
  });
  const devtools = await visit.context.newCDPSession(visit.page);
  const mouse = { x: 20, y: 15, button: 'left', buttons: 1, clickCount: 1 } as const;
  const going = visit.page.goto(`${visit.url}?busy`);
  await new Promise((resolve) => setTimeout(resolve, 700));
  // What waits while the page is busy comes before its timers.
  await Promise.all([
    going,
    devtools.send('Input.dispatchMouseEvent', { type: 'mousePressed', ...mouse }),
    devtools.send('Input.dispatchMouseEvent', { type: 'mouseReleased', ...mouse }),
  ]);
  await visit.leave();
  expect(visit.events('click').map(({ el }) => el?.sel)).toEqual(['button#it']);
  await done(visit);
});

describe.concurrent('a page that the browser renders in advance', () => {
  test('is told once it is seen, and what happens on it from then on', async () => {
    const visit = await site.visit({
      body: `${BODY}<a id="link" href="?seen">Next</a>`,
      head: '<script type="speculationrules">{"prerender":[{"source":"list","urls":["?seen"],"eagerness":"immediate"}]}</script>',
      // Nobody drives this browser: with a debugger attached, Chromium renders nothing in advance.
      script: `if (document.prerendering) {
          irk.track('unseen');
          setTimeout(() => { throw new Error('unseen'); });
          document.addEventListener('prerenderingchange', () => setTimeout(() => { irk.track('seen'); irk.identify('x'); }, 200));
        } else if (location.search === '?first') setTimeout(() => link.click(), 3000);`,
    });
    const profile = mkdtempSync(join(tmpdir(), 'irk-prerender-'));
    const alone = spawn(CHROMIUM, [...FLAGS, '--headless=new', `--user-data-dir=${profile}`, `${visit.url}?first`], {
      stdio: 'ignore',
    });
    try {
      const [seen, ...more] = await visit.arrived('track');
      expect([seen?.name, more]).toEqual(['seen', []]);
      const own = visit.events().filter(({ page }) => page === seen?.page);
      expect(own.map(({ type, n }) => [type, n])).toEqual([
        ['page', 0],
        ['track', 1],
      ]);
      // It was loaded long before, as is told by nothing but its time.
      expect(own[0]?.t).toBeGreaterThan(500);
      expect(visit.events('error')).toEqual([]);
    } finally {
      const gone = new Promise((resolve) => alone.once('exit', resolve));
      alone.kill();
      await gone;
      // Its helpers outlive it by a moment, and still write.
      await vi.waitFor(() => rmSync(profile, { recursive: true, force: true }), { timeout: 30_000, interval: 200 });
    }
    await done(visit);
  });

  test.each([
    ['stopped', 'irk.stop()'],
    ['refused', 'irk.consent(false)'],
  ])('and that was %s before anybody saw it is not told', async (_, act) => {
    const visit = await site.visit({
      body: BODY,
      before: `Object.defineProperty(document, 'prerendering', { value: true, configurable: true })`,
    });
    await visit.page.evaluate(act);
    await visit.page.evaluate(() => {
      Object.defineProperty(document, 'prerendering', { value: false });
      document.dispatchEvent(new Event('prerenderingchange'));
    });
    await visit.page.click('#it');
    await visit.page.goto(`${site.origin}/plain`);
    await visit.page.waitForTimeout(300);
    expect(visit.bodies).toEqual([]);
    await done(visit);
  });
});

/** The machine sleeps for `slept` ms: wall time goes on, all else stands still. Timers of half an hour are run by hand. */
const SLEEPS = `window.slept = 0; const wall = Date.now; Date.now = () => wall() + slept;
  const later = window.setTimeout; const idle = [];
  window.setTimeout = (f, ms, ...a) => (ms > 1e6 ? -idle.push(f) : later(f, ms, ...a));
  const clear = window.clearTimeout;
  window.clearTimeout = (id) => (id < 0 ? void delete idle[-id - 1] : clear(id));
  window.wake = () => idle.forEach((f) => f());`;

describe.concurrent('a machine that sleeps through the half hour after which a page counts as left', () => {
  async function sleep() {
    const visit = await site.visit({ body: `<form id="f"><input name="street"></form>${BODY}`, before: SLEEPS });
    await visit.page.click('input');
    await visit.page.keyboard.type('Sample');
    const lastInput = Date.now();
    await visit.page.evaluate(`slept = ${180 * MINUTE}`);
    return { visit, lastInput };
  }

  /** What was told of the first page view: the leave as of the end of the half hour, after all else. */
  function expectLeft(visit: Visit, lastInput: number) {
    const [first] = visit.events('page');
    const old = visit.events().filter(({ page }) => page === first?.page);
    const leaves = old.filter(({ type }) => type === 'leave');
    expect(leaves).toHaveLength(1);
    const left = wallTimes(visit).find(({ type, page }) => type === 'leave' && page === first?.page);
    expect(Math.abs((left?.at ?? 0) - lastInput - 30 * MINUTE)).toBeLessThan(10_000);
    expect(Math.abs(left?.skew ?? 99_999)).toBeLessThan(10_000);
    // As long as it was shown and somebody might have been there.
    expect(Math.abs(Number(leaves[0]?.dur) - 30 * MINUTE)).toBeLessThan(20_000);
    const [field] = visit.events('field');
    expect(field).toMatchObject({ edits: 2, page: first?.page });
    return first;
  }

  test('has been left at its end, before what is done after waking up, which is another session', async () => {
    const { visit, lastInput } = await sleep();
    await visit.page.click('#it');
    await visit.page.goto(`${site.origin}/plain`);
    await visit.arrived('leave', 2);
    const first = expectLeft(visit, lastInput);
    const later = visit.events().filter(({ page, type }) => page !== first?.page && type !== 'interaction');
    expect(later.map(({ type }) => type)).toEqual(['page', 'click', 'leave']);
    expect(later[0]?.n).toBe(0);
    expect(new Set(visit.events().map(({ sid }) => sid)).size).toBe(2);
    const click = wallTimes(visit).find(({ type, page }) => type === 'click' && page !== first?.page);
    expect(Math.abs((click?.at ?? 0) - lastInput - 180 * MINUTE)).toBeLessThan(20_000);
    expect(Math.abs(click?.skew ?? 99_999)).toBeLessThan(10_000);
    await done(visit);
  });

  test('has been left at its end, though the timer is late', async () => {
    const { visit, lastInput } = await sleep();
    await visit.page.evaluate('wake()');
    await visit.arrived('leave');
    expectLeft(visit, lastInput);
    await visit.page.goto(`${site.origin}/plain`);
    await visit.page.waitForTimeout(300);
    expect(visit.events('leave')).toHaveLength(1);
    await done(visit);
  });

  test('has been left at its end, if it is closed without anything being done', async () => {
    const { visit, lastInput } = await sleep();
    await visit.page.goto(`${site.origin}/plain`);
    await visit.arrived('leave');
    await visit.page.waitForTimeout(300);
    expectLeft(visit, lastInput);
    expect(visit.events('leave')).toHaveLength(1);
    await done(visit);
  });
});

describe.concurrent('a wall clock that is set', () => {
  const SET = 'window.offset = 0; const wall = Date.now; Date.now = () => wall() + offset;';

  test.each([
    ['back by a quarter of an hour', -15],
    ['forward by a quarter of an hour', 15],
    ['back by two days', -2880],
    ['forward by two days', 2880],
  ])('%s changes neither order nor durations', async (_, minutes) => {
    const visit = await site.visit({ body: BODY, before: SET });
    await visit.page.click('#it');
    await visit.page.waitForTimeout(1200);
    await visit.page.evaluate(`offset = ${minutes * MINUTE}`);
    await visit.page.click('#it');
    await visit.page.waitForTimeout(1200);
    await visit.page.evaluate(`irk.track('end')`);
    await visit.page.goto(`${site.origin}/plain`);
    const [end] = await visit.arrived('track');
    await visit.arrived('leave');
    const clicks = visit.events('click');
    expect(clicks).toHaveLength(2);
    // A quarter of an hour is within a session; more ends it, and begins another page view.
    const same = Math.abs(minutes) < 30;
    expect(clicks[0]?.page === clicks[1]?.page).toBe(same);
    expect(clicks[1]?.page).toBe(end?.page);
    for (const page of new Set(visit.events().map((event) => event.page))) {
      const own = visit.events().filter((event) => event.page === page);
      expect(own.map(({ n }) => n)).toEqual(own.map((_, n) => n));
      // Submits and clicks are told late, under the number and time of when they happened. A leave for idleness is ahead of the clock.
      const times = own.map(({ t }) => t);
      expect(times).toEqual([...times].sort((a, b) => a - b));
    }
    // The monotonic clock was not set.
    const [one, two] = clicks.map(({ t }) => t) as [number, number];
    expect(two - one).toBeGreaterThanOrEqual(1200);
    expect(two - one).toBeLessThan(15_000);
    for (const { dur, type } of visit.events())
      if (dur !== undefined && minutes < 30) expect([type, Number(dur) < 15_000]).toEqual([type, true]);
    for (const { sentMono } of visit.batches) expect(sentMono).toBeGreaterThanOrEqual(0);
    await done(visit);
  });
});
