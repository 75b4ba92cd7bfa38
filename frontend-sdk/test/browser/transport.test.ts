import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSite, type Site } from './site';

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());

/** What is stored for the next page. */
const QUEUE = `Object.keys(localStorage).filter((key) => key.startsWith('irk.q')).map((key) => localStorage[key]).join()`;
const BODY = '<button id="it">Pay</button>';
/** A batch is closed, and sent, as soon as somebody else is there. */
const FLUSH = `irk.track('done'); irk.identify(String(Math.random()))`;

describe.concurrent('delivery', () => {
  test('ends in silence after three requests that an ad blocker took', async () => {
    const visit = await site.visit({ body: BODY, before: 'window.native = fetch' });
    let tries = 0;
    await visit.page.route('**/ingest/**', (route) => {
      tries++;
      return route.abort('blockedbyclient');
    });
    await visit.page.evaluate(FLUSH);
    await visit.page.waitForFunction('fetch === native');
    expect(tries).toBe(3);
    await visit.page.click('#it');
    await visit.page.evaluate(FLUSH);
    await visit.page.goto(`${site.origin}/plain`);
    expect(tries).toBe(3);
    // The browser's own lines cannot be kept out of the console.
    expect(visit.noise.filter((line) => !line.includes('ERR_BLOCKED_BY_CLIENT'))).toEqual([]);
    await visit.context.close();
  });

  test('waits while offline, and goes on once online', async () => {
    const visit = await site.visit({ body: BODY });
    await visit.context.setOffline(true);
    for (let count = 0; count < 5; count++) await visit.page.evaluate(FLUSH);
    await visit.page.waitForTimeout(500);
    expect(visit.bodies).toEqual([]);
    await visit.context.setOffline(false);
    expect(await visit.arrived('track', 5)).toHaveLength(5);
    expect(visit.faults).toEqual([]);
    await visit.context.close();
  });

  test('of what two tabs could not deliver is left to the next page', async () => {
    const visit = await site.visit({ body: BODY });
    const other = await visit.context.newPage();
    await other.goto(visit.url);
    visit.answers.push(...Array(20).fill(503));
    for (const tab of [visit.page, other]) {
      await tab.evaluate(FLUSH);
      await tab.waitForTimeout(300);
      await tab.goto(`${site.origin}/plain`);
    }
    expect(visit.batches).toEqual([]);
    visit.answers.length = 0;
    await other.goto(visit.url);
    const told = await visit.arrived('track', 2);
    expect(new Set(told.map(({ page }) => page)).size).toBe(2);
    expect(visit.faults).toEqual([]);
    await visit.context.close();
  });

  test('of the queue of a former page ends when consent is withdrawn', async () => {
    const visit = await site.visit({ body: BODY, attributes: 'data-consent="required"' });
    visit.answers.push(...Array(20).fill(503));
    await visit.page.evaluate('irk.consent(true)');
    await visit.page.evaluate(FLUSH);
    await visit.page.waitForTimeout(300);
    await visit.page.goto(`${site.origin}/plain`);
    expect(await visit.page.evaluate(QUEUE)).toContain('done');
    await visit.page.goto(visit.url);
    await visit.page.evaluate('irk.consent(false)');
    visit.answers.length = 0;
    const sent = visit.bodies.length;
    expect(await visit.page.evaluate('Object.keys(localStorage)')).toEqual([]);
    await visit.page.evaluate('irk.consent(true)');
    await visit.page.click('#it');
    await visit.leave();
    expect(visit.bodies.slice(sent).join()).toContain('"click"');
    expect(visit.bodies.slice(sent).join()).not.toContain('done');
    await visit.context.close();
  });

  test('is over for what was flushed before the system kills the page', async () => {
    const visit = await site.visit({ body: BODY });
    await visit.page.evaluate(FLUSH);
    await visit.arrived('track');
    await visit.page.goto('chrome://crash').catch(() => {});
    const next = await visit.context.newPage();
    await next.goto(visit.url);
    await next.evaluate(FLUSH);
    const told = await visit.arrived('track', 2);
    // The same session goes on.
    expect(new Set(told.map(({ sid }) => sid)).size).toBe(1);
    expect(visit.faults).toEqual([]);
    await visit.context.close();
  });

  test('tells of events that were given up', async () => {
    const visit = await site.visit({ body: BODY });
    visit.answers.push(400);
    await visit.page.evaluate(FLUSH);
    while (!visit.bodies.length) await visit.page.waitForTimeout(50);
    await visit.page.waitForTimeout(100);
    await visit.page.evaluate(FLUSH);
    await visit.arrived('track');
    const [given] = visit.bodies.map((body) => (JSON.parse(body) as { events: unknown[] }).events.length);
    expect(visit.batches[0]).toMatchObject({ lost: given });
    expect(visit.faults).toEqual([]);
    await visit.context.close();
  });

  test('waits for as long as the server asks', async () => {
    const visit = await site.visit({ body: BODY });
    visit.answers.push([429, 3], [503, 1]);
    await visit.page.evaluate(FLUSH);
    await visit.arrived('track');
    const [first = 0, second = 0, third = 0] = visit.times;
    expect(second - first).toBeGreaterThanOrEqual(2900);
    expect(third - second).toBeGreaterThanOrEqual(900);
    expect(visit.faults).toEqual([]);
    await visit.context.close();
  });

  test('of a batch that is too large goes in halves, until a single event is given up', async () => {
    const visit = await site.visit({ body: BODY });
    await visit.page.evaluate(FLUSH);
    await visit.arrived('track');
    const before = visit.bodies.length;
    // All eight, then four of them; the first of these two and the first of those is given up.
    visit.answers.push(413, 413, 413, 413);
    await visit.page.evaluate(`for (const name of 'abcdefgh') irk.track(name); irk.identify('u-1')`);
    const told = await visit.arrived('track', 8);
    expect(told.map(({ name }) => name)).toEqual(['done', ...'bcdefgh']);
    const sizes = visit.bodies.slice(before).map((body) => (JSON.parse(body) as { events: unknown[] }).events.length);
    expect(sizes.slice(0, 4)).toEqual([8, 4, 2, 1]);
    expect(sizes.slice(4).reduce((a, b) => a + b)).toBe(7);
    expect(visit.batches.map((batch) => (batch as { lost?: number }).lost).filter(Boolean)).toEqual([1]);
    expect(visit.faults).toEqual([]);
    await visit.context.close();
  });

  test('is left to the next page where the page itself has used up what may be sent on leaving', async () => {
    const visit = await site.visit({
      body: BODY,
      // Nearly all that keepalive requests may hold together, and still under way.
      before: `addEventListener('pagehide', () => {
        fetch('/slow', { method: 'POST', keepalive: true, body: 'x'.repeat(65_000) }).catch(() => {});
      }, true);`,
    });
    await visit.page.evaluate(FLUSH);
    await visit.arrived('track');
    // Several batches, which are not taken for several requests that an ad blocker took.
    await visit.page.evaluate(`for (let i = 0; i < 170; i++) irk.track('last ' + i)`);
    await visit.page.goto(`${site.origin}/plain`);
    await visit.page.goto(visit.url);
    const told = await visit.arrived('track', 171);
    expect(new Set(told.map(({ name }) => name)).size).toBe(171);
    expect(visit.faults).toEqual([]);
    await visit.context.close();
  });

  test('of what a page could not deliver is left to the next page, though it ended without a word', async () => {
    const visit = await site.visit({ body: BODY });
    visit.answers.push(...Array(50).fill(503));
    await visit.page.evaluate(FLUSH);
    while (!visit.bodies.length) await visit.page.waitForTimeout(50);
    await visit.page.waitForFunction(QUEUE);
    await visit.page.goto('chrome://crash').catch(() => {});
    const next = await visit.context.newPage();
    visit.answers.length = 0;
    await next.goto(visit.url);
    const [told] = await visit.arrived('track');
    expect(told?.page).toBe((JSON.parse(visit.bodies[0] as string) as { page: string }).page);
    expect(visit.faults).toEqual([]);
    await visit.context.close();
  });

  test('of what several tabs could not deliver is left to the next page, though they are left at once', async () => {
    const visit = await site.visit({ body: BODY });
    visit.answers.push(...Array(500).fill(503));
    const tabs = [visit.page, ...(await Promise.all([1, 2, 3, 4, 5].map(() => visit.context.newPage())))];
    for (const tab of tabs) await tab.goto(visit.url);
    await visit.page.waitForTimeout(500);
    await Promise.all(tabs.map((tab, index) => tab.evaluate(`irk.track('tab ${index}')`)));
    await Promise.all(tabs.map((tab) => tab.goto(`${site.origin}/plain`)));
    await visit.page.waitForTimeout(1000);
    visit.answers.length = 0;
    await visit.page.goto(visit.url);
    const told = await visit.arrived('track', 6);
    expect(new Set(told.map(({ name }) => name)).size).toBe(6);
    await visit.context.close();
  });

  test.each(['[null]', '[1]', '{"1":[null]}'])('goes on after what others left under our name: %s', async (rubbish) => {
    const visit = await site.visit({ body: BODY, before: `localStorage['irk.q'] = '${rubbish}'` });
    await visit.page.evaluate(FLUSH);
    await visit.arrived('track');
    expect([visit.faults, visit.noise]).toEqual([[], []]);
    await visit.context.close();
  });

  test('goes on, and nothing reaches the page, where the page answers for the server', async () => {
    const before = 'window.sent = 0; window.fetch = async () => ({ status: ++sent && 200, headers: {} })';
    const visit = await site.visit({ body: BODY, before });
    for (let times = 1; times <= 2; times++) {
      await visit.page.evaluate(FLUSH);
      await visit.page.waitForFunction(`sent === ${times}`);
      await visit.page.waitForTimeout(100);
    }
    expect(visit.noise).toEqual([]);
    await visit.context.close();
  });
});
