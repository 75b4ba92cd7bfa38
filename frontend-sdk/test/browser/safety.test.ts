import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSite, type Site } from './site';

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());

const BODY = '<button id="it">Pay</button>';

describe.concurrent('a page that replaces fetch', () => {
  test('before the SDK came gets its own back', async () => {
    const visit = await site.visit({
      body: BODY,
      before: `const native = fetch; window.mine = window.fetch = function mine(...all) { return native(...all) }`,
    });
    await visit.page.click('#it');
    const before = await visit.page.evaluate(`[fetch === mine, fetch.name]`);
    expect(before).toEqual([false, 'mine']);
    await visit.page.evaluate(`irk.stop()`);
    expect(await visit.page.evaluate(`fetch === mine`)).toBe(true);
    await visit.arrived('click');
    expect([visit.faults, visit.noise]).toEqual([[], []]);
    await visit.context.close();
  });

  test('after the SDK came keeps its own, and nothing more is told once it was stopped', async () => {
    const visit = await site.visit({
      body: BODY,
      script: `const below = fetch; window.mine = window.fetch = (...all) => below(...all);
        it.onclick = () => fetch('/status/500')`,
    });
    await visit.page.click('#it');
    await visit.arrived('request');
    await visit.page.evaluate(`irk.stop()`);
    expect(await visit.page.evaluate(`fetch === mine`)).toBe(true);
    const sent = visit.bodies.length;
    expect(await visit.page.evaluate(`fetch('/status/404').then(({ status }) => status)`)).toBe(404);
    await visit.page.click('#it');
    await visit.page.goto(`${site.origin}/plain`);
    await visit.page.waitForTimeout(300);
    expect(visit.bodies).toHaveLength(sent);
    expect(visit.faults).toEqual([]);
    await visit.context.close();
  });

  test.each([
    ['throws', `throw new Error('theirs')`, 'theirs'],
    ['returns nothing', '', 'nothing'],
    ['returns no promise', 'return 7', '7'],
  ])('by one that %s has what it made', async (_, made, expected) => {
    const visit = await site.visit({ body: BODY, before: `window.fetch = () => { ${made} }` });
    await visit.page.click('#it');
    const got = `(() => { try { return String(fetch('/a') ?? 'nothing') } catch (error) { return error.message } })()`;
    expect(await visit.page.evaluate(got)).toBe(expected);
    await visit.page.evaluate(`irk.identify('u-1')`);
    await visit.page.waitForTimeout(300);
    await visit.page.evaluate(`irk.stop()`);
    await visit.page.goto(`${site.origin}/plain`);
    expect(visit.noise).toEqual([]);
    await visit.context.close();
  });
});

describe.concurrent('the page goes on as ever', () => {
  test('when it is started twice, and when it is stopped and started again', async () => {
    const visit = await site.visit({ body: BODY });
    const again = `irk.init({ key: 'irk_pk_test', endpoint: ${JSON.stringify(new URL(visit.url).pathname.replace(/^\/(\w+)\//, '/ingest/$1'))} })`;
    await visit.page.evaluate(again);
    await visit.page.click('#it');
    await visit.page.evaluate(`irk.stop(); irk.stop()`);
    expect(await visit.arrived('click')).toHaveLength(1);
    await visit.page.evaluate(again);
    await visit.page.click('#it');
    await visit.leave();
    expect(visit.events('click')).toHaveLength(2);
    expect([visit.faults, visit.noise]).toEqual([[], []]);
    await visit.context.close();
  });

  test('without waiting for the storage when recording begins', async () => {
    const visit = await site.visit({ body: BODY });
    const looks = await visit.page.evaluate(() => {
      const { irk } = window as never as { irk: { stop(): void; init(options: object): void } };
      const storage = localStorage;
      let count = 0;
      irk.stop();
      Object.defineProperty(window, 'localStorage', {
        get() {
          count++;
          return storage;
        },
      });
      irk.init({ ...document.querySelector('script')?.dataset });
      const atOnce = count;
      return new Promise((resolve) => setTimeout(() => resolve([atOnce, count > 0]), 100));
    });
    expect(looks).toEqual([0, true]);
    await visit.leave();
    expect([visit.faults, visit.noise]).toEqual([[], []]);
    await visit.context.close();
  });

  test('in a browser that has less, and what is left is told', async () => {
    const missing =
      'PerformanceObserver visualViewport navigation CompressionStream Clipboard AudioScheduledSourceNode';
    const visit = await site.visit({
      body: `${BODY}<input name="street">`,
      before: `for (const name of '${missing}'.split(' ')) { delete window[name]; if (name in window) window[name] = undefined; }`,
    });
    await visit.page.click('#it');
    await visit.page.fill('input', 'Sample');
    await visit.leave();
    expect(visit.events().map(({ type }) => type)).toEqual(expect.arrayContaining(['page', 'click', 'field', 'leave']));
    expect([visit.faults, visit.noise]).toEqual([[], []]);
    await visit.context.close();
  });

  test('when its storage is full', async () => {
    const visit = await site.visit({
      body: BODY,
      before: `for (let size = 2 ** 22; size >= 1; size /= 2)
        try { for (;;) localStorage[localStorage.length] = 'x'.repeat(size); } catch {}`,
    });
    await visit.page.click('#it');
    await visit.leave();
    expect(visit.events().map(({ type }) => type)).toEqual(['page', 'click', 'leave']);
    expect([visit.faults, visit.noise]).toEqual([[], []]);
    await visit.context.close();
  });

  test('when it is printed', async () => {
    const visit = await site.visit({
      body: BODY,
      script: `it.onclick = () => print()`,
      // The browser's own opens a dialog that nobody closes where there is no printer.
      before: 'window.print = () => {}',
    });
    await visit.page.click('#it');
    await visit.page.pdf();
    await visit.leave();
    const [click] = visit.events('click');
    expect(click?.after).toHaveProperty('dlg');
    expect(visit.events('leave')).toHaveLength(1);
    expect([visit.faults, visit.noise]).toEqual([[], []]);
    await visit.context.close();
  });

  test('when what it calls fails', async () => {
    const visit = await site.visit({ body: BODY });
    const errors = await visit.page.evaluate(() => {
      const thrown = (action: () => unknown) => {
        try {
          action();
        } catch (error) {
          return (error as Error).name;
        }
        return 'none';
      };
      return [
        thrown(() => history.pushState(() => {}, '')),
        thrown(() => history.pushState({}, '', 'https://elsewhere.example/')),
        thrown(() => new XMLHttpRequest().open('GET', 'http://[')),
        thrown(() => new XMLHttpRequest().open('TRACE', '/')),
        thrown(() => Reflect.apply(XMLHttpRequest.prototype.open, {}, ['GET', '/'])),
        thrown(() => (fetch as () => unknown).call(undefined)),
      ];
    });
    expect(errors).toEqual(['DataCloneError', 'SecurityError', 'SyntaxError', 'SecurityError', 'TypeError', 'none']);
    await visit.leave();
    expect(visit.faults).toEqual([]);
    await visit.context.close();
  });

  test('in a sandboxed frame without storage', async () => {
    const visit = await site.visit({ body: BODY });
    await visit.page.evaluate(() => {
      const frame = document.createElement('iframe');
      frame.setAttribute('sandbox', 'allow-scripts');
      frame.src = location.href;
      document.body.append(frame);
    });
    await visit.page.frameLocator('iframe').locator('#it').click();
    await visit.page.goto(`${site.origin}/plain`);
    await visit.arrived('click');
    expect([visit.faults, visit.noise.filter((line) => !/CORS|ERR_FAILED/.test(line))]).toEqual([[], []]);
    await visit.context.close();
  });
});
