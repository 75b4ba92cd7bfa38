import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSite, type Site, type Visit } from './site';

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());

const BODY = '<button id="it">Pay</button>';
const FLUSH = `irk.track('done'); irk.identify(String(Math.random()))`;
const storage = (visit: Visit) => visit.page.evaluate(() => Object.keys(localStorage));

async function done(visit: Visit) {
  expect([visit.faults, visit.noise]).toEqual([[], []]);
  await visit.context.close();
}

describe.concurrent('a sample of sessions', () => {
  test('holds each session whole or not at all, over pages and tabs', async () => {
    const answers: boolean[] = [];
    // One of them is in, another is not: that both happen within 40 sessions is as good as certain.
    while (answers.length < 40 && new Set(answers).size < 2) {
      const visit = await site.visit({ body: BODY, attributes: 'data-sample="0.5"' });
      const other = await visit.context.newPage();
      await other.goto(visit.url);
      for (const tab of [visit.page, other, visit.page]) {
        await tab.goto(`${visit.url}again`);
        await tab.click('#it');
        await tab.evaluate(FLUSH);
      }
      const sid = String(await visit.page.evaluate(`localStorage['irk.s'].split(',')[0]`));
      const wanted = Number.parseInt(sid.slice(8, 12), 36) / 36 ** 4 < 0.5;
      answers.push(wanted);
      if (wanted) expect(new Set((await visit.arrived('track', 3)).map((event) => event.sid))).toEqual(new Set([sid]));
      else {
        for (const tab of [visit.page, other]) await tab.goto(`${site.origin}/plain`);
        await visit.page.waitForTimeout(300);
        expect(visit.bodies).toEqual([]);
      }
      await done(visit);
    }
    expect(new Set(answers).size).toBe(2);
  }, 120_000);
});

describe.concurrent('consent', () => {
  test('given late begins with what comes after it, and nothing of what was before', async () => {
    const visit = await site.visit({ body: BODY, attributes: 'data-consent="required"' });
    await visit.page.click('#it');
    await visit.page.evaluate(`irk.track('before'); irk.identify('u-1')`);
    await visit.page.reload();
    await visit.page.click('#it');
    expect([await storage(visit), visit.bodies]).toEqual([[], []]);
    await visit.page.evaluate('irk.consent(true)');
    // Given twice is given once.
    await visit.page.evaluate('irk.consent(true)');
    await visit.page.waitForTimeout(600);
    await visit.page.click('#it');
    await visit.leave();
    const told = visit.events().filter(({ type }) => type !== 'interaction');
    expect(told.map(({ type }) => type)).toEqual(['page', 'click', 'leave']);
    expect(visit.bodies.join()).not.toContain('before');
    await done(visit);
  });

  test.each(['', 'irk.consent(true)'])('withdrawn just after a batch was closed sends it no more %s', async (after) => {
    const visit = await site.visit({ body: BODY });
    await visit.page.evaluate(FLUSH);
    await visit.arrived('track');
    await visit.page.evaluate(`irk.track('secret'); irk.identify('u-1'); irk.consent(false); ${after}`);
    await visit.page.waitForTimeout(500);
    expect(visit.bodies.join()).not.toContain('secret');
    await done(visit);
  });

  test('is required where the word for it is not known', async () => {
    const visit = await site.visit({ body: BODY, attributes: 'data-consent="Required"' });
    await visit.page.click('#it');
    await visit.page.goto(`${site.origin}/plain`);
    await visit.page.waitForTimeout(300);
    expect(visit.bodies).toEqual([]);
    await done(visit);
  });

  test('withdrawn in one tab erases what waits there and what pages before have left', async () => {
    const visit = await site.visit({ body: BODY });
    visit.answers.push(...Array(50).fill(503));
    await visit.page.evaluate(`irk.track('secret'); irk.identify('u-1')`);
    await visit.page.waitForFunction(`JSON.stringify(localStorage).includes('secret')`);
    await visit.page.click('#it');
    await visit.page.evaluate('irk.consent(false)');
    expect(await storage(visit)).toEqual([]);
    const sent = visit.bodies.length;
    visit.answers.length = 0;
    await visit.page.click('#it');
    await visit.page.evaluate(FLUSH);
    await visit.page.goto(`${site.origin}/plain`);
    await visit.page.waitForTimeout(1500);
    expect([await storage(visit), visit.bodies.length]).toEqual([[], sent]);
    expect(visit.batches).toEqual([]);
    visit.noise.length = 0;
    await done(visit);
  });
});

describe.concurrent('consent that was withdrawn', () => {
  /** A visit, and another tab of it: somebody has clicked in both. */
  async function twoTabs() {
    const visit = await site.visit({ body: BODY });
    const other = await visit.context.newPage();
    await other.goto(visit.url);
    for (const tab of [visit.page, other]) await tab.click('#it');
    return { visit, other };
  }

  test('in one tab is withdrawn in the others', async () => {
    const { visit, other } = await twoTabs();
    await visit.page.evaluate('irk.consent(false)');
    await other.waitForTimeout(500);
    const sent = visit.bodies.length;
    await other.click('#it');
    await other.evaluate(FLUSH);
    await other.goto(`${site.origin}/plain`);
    await other.waitForTimeout(500);
    expect([await storage(visit), visit.bodies.length]).toEqual([[], sent]);
    await done(visit);
  });

  test.each([
    ['at once', 'localStorage.clear()'],
    ['piece by piece', 'for (const key of Object.keys(localStorage)) localStorage.removeItem(key)'],
  ])('is not what an app does that empties the storage %s', async (_, empties) => {
    const { visit, other } = await twoTabs();
    await visit.page.evaluate(empties);
    await other.waitForTimeout(500);
    await other.evaluate(FLUSH);
    await visit.arrived('track');
    await done(visit);
  });

  test.each([
    ['is known when the SDK begins', 'irk.consent(false)', 'implied', 0],
    ['and given is known when the SDK begins', 'irk.consent(true)', 'required', 1],
  ])('before it begins %s', async (_, said, consent, count) => {
    const init = `irk.init({ key: 'irk_pk_test', endpoint: '/ingest' + location.pathname, consent: '${consent}' })`;
    const visit = await site.visit({ body: BODY, attributes: null, head: '<script src="/sdk/irk.js"></script>' });
    await visit.page.evaluate(`${said}; ${init}`);
    await visit.page.click('#it');
    await visit.page.goto(`${site.origin}/plain`);
    await visit.page.waitForTimeout(500);
    expect(visit.events('click')).toHaveLength(count);
    await done(visit);
  });
});

test('Global Privacy Control wins over consent, and nothing is stored', async () => {
  for (const attributes of ['', 'data-consent="required"']) {
    const visit = await site.visit({
      body: BODY,
      attributes,
      // What pages have stored before somebody turned it on is erased.
      before: `localStorage['irk.s'] = 'x,1'; localStorage['irk.q'] = '[]';
        Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { value: true }); window.native = fetch;`,
    });
    await visit.page.evaluate('irk.consent(true)');
    await visit.page.click('#it');
    await visit.page.evaluate(FLUSH);
    expect(await visit.page.evaluate('[fetch === native, Object.keys(localStorage).length]')).toEqual([true, 0]);
    await visit.page.goto(`${site.origin}/plain`);
    await visit.page.waitForTimeout(300);
    expect(visit.bodies).toEqual([]);
    await done(visit);
  }
});
