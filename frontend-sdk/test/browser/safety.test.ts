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

  test('has what its own puts on the promise', async () => {
    const visit = await site.visit({
      body: BODY,
      before: `const native = fetch; window.fetch = (...all) => Object.assign(native(...all), { cancel: () => 'cancelled' })`,
    });
    await visit.page.click('#it');
    const made = `(async () => { const made = fetch('/status/404'); return [made.cancel(), (await made).status]; })()`;
    expect(await visit.page.evaluate(made)).toEqual(['cancelled', 404]);
    expect(await visit.arrived('request')).toMatchObject([{ status: 404 }]);
    expect([visit.faults, visit.noise.length]).toEqual([[], 1]);
    await visit.context.close();
  });

  test('does not share what its own keeps on the promise, as zones do', async () => {
    const before = `const native = fetch; window.fetch = (...all) => Object.assign(native(...all), { state: [] })`;
    const visit = await site.visit({ body: BODY, before });
    await visit.page.click('#it');
    expect(await visit.page.evaluate(`'state' in fetch('/a')`)).toBe(false);
    await visit.context.close();
  });

  test.each([
    ['nothing', 'undefined', 'undefined'],
    ['what throws when it is asked', `({ get status() { throw new Error('ours') } })`, 'object'],
  ])('by one that resolves with %s has that', async (_, made, type) => {
    const visit = await site.visit({ body: BODY, before: `window.fetch = async () => (${made})` });
    await visit.page.click('#it');
    expect(await visit.page.evaluate(`fetch('/a').then((made) => typeof made)`)).toBe(type);
    expect(visit.faults).toEqual([]);
    await visit.context.close();
  });

  test('is told as the origin of its errors, not what it has called through us', async () => {
    const script = `it.onclick = () => { fetch('http://127.0.0.1:1/'); history.pushState(() => {}, ''); }`;
    const visit = await site.visit({ body: '<button id="it">Go</button>', script });
    await visit.page.click('#it');
    await visit.leave();
    const sources = visit.events('error').map(({ source }) => source);
    expect(sources).toEqual([expect.not.stringContaining('irk.js'), expect.not.stringContaining('irk.js')]);
    await visit.context.close();
  });

  test('sets fields whose getter sets them', async () => {
    const before = `window.normal = (field) => {
      const own = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value');
      Object.defineProperty(field, 'value', {
        get() { own.set.call(this, own.get.call(this).trim()); return own.get.call(this); },
        set(value) { own.set.call(this, value); },
      });
    }`;
    const visit = await site.visit({ body: `${BODY}<input id="field">`, before });
    await visit.page.click('#it');
    expect(await visit.page.evaluate(`normal(field); field.value = ' a '; field.value`)).toBe('a');
    await visit.context.close();
  });

  test('starts beside an element that is called like it', async () => {
    const before = `document.write('<p id="irk">A worker</p>')`;
    const visit = await site.visit({ body: BODY, before });
    await visit.page.click('#it');
    expect(await visit.arrived('click')).toHaveLength(1);
    await visit.context.close();
  });

  test.each([
    ['with a variable that is called like the Navigation API', 'var navigation = { items: [] }'],
    ['with a form that is called like the referrer', `document.write('<form name="referrer"></form>')`],
  ])('%s tells of pages, of going back and of coming back', async (_, before) => {
    const visit = await site.visit({ body: BODY, before });
    await visit.page.evaluate(`history.pushState({}, '', location.pathname + 'cart')`);
    await visit.page.evaluate(`history.back()`);
    await visit.arrived('page', 3);
    expect(visit.events('page').map(({ nav }) => nav)).toEqual(['load', 'push', 'back']);
    await visit.page.evaluate(
      `for (const hidden of [true, false]) {
        Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
        document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
      }`,
    );
    expect(await visit.arrived('return')).toHaveLength(1);
    expect([visit.faults, visit.noise]).toEqual([[], []]);
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

  test('beside another copy, of which the first that begins reports until it is stopped', async () => {
    const visit = await site.visit({ body: BODY });
    await visit.page.evaluate(`window.first = irk; delete window.irk`);
    await visit.page.addScriptTag({ url: '/sdk/irk.js' });
    const { pathname } = new URL(visit.url);
    const options = { key: 'irk_pk_test', endpoint: pathname.replace(/^\/(\w+)\//, '/ingest/$1') };
    await visit.page.evaluate(`irk !== first && irk.init(${JSON.stringify(options)})`);
    await visit.page.click('#it');
    await visit.page.evaluate(`irk.stop(); 0`);
    await visit.page.click('#it', { delay: 600 });
    await visit.page.evaluate(`first.stop(); irk.init(${JSON.stringify(options)})`);
    await visit.page.click('#it');
    await visit.leave();
    expect(visit.events('click')).toHaveLength(3);
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
      // Chromium fetches it for whoever listens to it, too.
      const add = window.addEventListener;
      window.addEventListener = (...given: Parameters<typeof add>) => {
        if (given[0] === 'storage') count++;
        return add.apply(window, given);
      };
      irk.init({ ...document.querySelector('script')?.dataset });
      const atOnce = count;
      return new Promise((resolve) => setTimeout(() => resolve([atOnce, count > 0]), 100));
    });
    expect(looks).toEqual([0, true]);
    await visit.leave();
    expect([visit.faults, visit.noise]).toEqual([[], []]);
    await visit.context.close();
  });

  test('without waiting for the storage when something is done, and other tabs are told of it', async () => {
    const visit = await site.visit({ body: BODY });
    await visit.page.waitForTimeout(1500);
    const before =
      await visit.page.evaluate(`addEventListener('click', () => { window.during = localStorage['irk.s']; });
      localStorage['irk.s']`);
    await visit.page.click('#it');
    expect(await visit.page.evaluate('during')).toBe(before);
    await visit.page.waitForFunction(`localStorage['irk.s'] > ${JSON.stringify(before)}`);
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

  test('when an event of its own says nothing of itself', async () => {
    const script = `const odd = new Event('click', { bubbles: true });
      for (const name of ['type', 'target']) Object.defineProperty(odd, name, { get() { throw new Error('mine'); } });
      it.onclick = () => document.body.dispatchEvent(odd);`;
    const visit = await site.visit({ body: BODY, script });
    await visit.page.click('#it');
    await visit.leave();
    expect(visit.events('click')).toHaveLength(1);
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

describe.concurrent('the page is as it would be without the SDK', () => {
  const WRAPPED = `const { pushState } = History.prototype;
    History.prototype.pushState = function (...all) { window.count = (window.count ?? 0) + 1; return pushState.apply(this, all) }`;
  test.each<[what: string, before: string, evaluated: string, expected: unknown]>([
    [
      'stopped at once',
      'window.native = [alert, open, HTMLMediaElement.prototype.play]',
      `irk.stop(); irk.init({ key: 'irk_pk_test', endpoint: '/status/200' }); irk.stop();
       new Promise((resolve) => setTimeout(resolve, 1500)).then(() =>
         [alert, open, HTMLMediaElement.prototype.play].every((it, n) => it === native[n]))`,
      true,
    ],
    ['with what it has locked', `Object.defineProperty(window, 'alert', { value() {}, configurable: false })`, '1', 1],
    ['with a prototype that is patched later', '', `${WRAPPED}; history.pushState({}, '', '?a'); count`, 1],
    [
      'with a frozen function that has a text of its own',
      `window.fetch = Object.freeze(Object.assign(() => {}, { toString: () => 'mine' }))`,
      'String(fetch)',
      'mine',
    ],
    [
      'with odd users and events',
      '',
      `irk.identify(7n); irk.track(7n); const user = {}; user.user = user; irk.identify(user); irk.track('x'); irk.identify(); 1`,
      1,
    ],
    [
      'without JSON',
      `JSON.stringify = () => { throw new Error('theirs') }`,
      `irk.track('x'); irk.identify('u-1'); 1`,
      1,
    ],
    [
      'without matchMedia',
      'window.matchMedia = undefined',
      `irk.track('x'); new Promise((r) => setTimeout(r, 5500, 1))`,
      1,
    ],
    [
      'with an XMLHttpRequest that is used again and again',
      `window.added = 0; const add = EventTarget.prototype.addEventListener;
       EventTarget.prototype.addEventListener = function (...all) {
         if (this instanceof XMLHttpRequest) added++;
         return add.apply(this, all);
       }`,
      `const xhr = new XMLHttpRequest(); for (let n = 0; n < 100; n++) xhr.open('GET', '/'); added`,
      5,
    ],
    [
      'in the zone that it runs in',
      `window.theirs = 0; window.__zone_symbol__setTimeout = setTimeout; const native = setTimeout;
       window.setTimeout = (...all) => { theirs++; return native(...all) }`,
      `history.pushState({}, '', '/a/b'); theirs`,
      0,
    ],
  ])('%s', async (_, before, evaluated, expected) => {
    const visit = await site.visit({ body: BODY, before });
    await visit.page.waitForTimeout(100);
    expect(await visit.page.evaluate(evaluated)).toEqual(expected);
    await visit.page.waitForTimeout(1200);
    expect(visit.noise).toEqual([]);
    await visit.context.close();
  });

  test('with a script that has no place of its own', async () => {
    const visit = await site.visit({
      attributes: null,
      body: `${BODY}<script>fetch('/sdk/irk.js').then((answer) => answer.blob()).then((blob) => {
        const tag = document.createElement('script');
        Object.assign(tag.dataset, { key: 'irk_pk_test', endpoint: '/ingest' + location.pathname });
        tag.src = URL.createObjectURL(blob);
        document.head.append(tag);
      })</script>`,
    });
    await visit.page.waitForFunction('window.irk');
    await visit.page.click('#it');
    await visit.leave();
    expect(visit.events('click')).toHaveLength(1);
    expect(visit.noise).toEqual([]);
    await visit.context.close();
  });
});

test('a page with the script tag of the README, from elsewhere, hears of its own errors', async () => {
  const elsewhere = site.origin.replace('127.0.0.1', 'localhost');
  const visit = await site.visit({
    attributes: null,
    head: `<script src="${elsewhere}/sdk/irk.js" data-key="irk_pk_test" data-endpoint="${site.origin}/status/200" crossorigin></script>`,
    script: `window.heard = []; addEventListener('unhandledrejection', ({ reason }) => heard.push(reason.name));
      addEventListener('error', ({ error }) => heard.push(error?.name));
      fetch('http://['); setTimeout(() => history.pushState({}, '', 'https://elsewhere.example/'))`,
  });
  await visit.page.waitForFunction('heard.length === 2');
  expect(await visit.page.evaluate('heard.sort()')).toEqual(['SecurityError', 'TypeError']);
  await visit.context.close();
});

test('requests of one XMLHttpRequest are told each', async () => {
  const visit = await site.visit({
    body: BODY,
    script: `const xhr = new XMLHttpRequest(); let n = 0;
      it.onclick = () => { xhr.open('POST', '/status/50' + n++); xhr.send(); };`,
  });
  for (let n = 0; n < 3; n++) {
    await visit.page.click('#it');
    await visit.page.waitForTimeout(200);
  }
  await visit.leave();
  expect(visit.events('request').map(({ method, status }) => [method, status])).toEqual([
    ['POST', 500],
    ['POST', 501],
    ['POST', 502],
  ]);
  await visit.context.close();
});
