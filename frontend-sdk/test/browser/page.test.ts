import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSite, type Site, type Visit } from './site';

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());

async function done(visit: Visit) {
  expect(visit.faults).toEqual([]);
  await visit.context.close();
}

describe.concurrent('forms', () => {
  const FORM =
    '<form id="coupon"><label>Code <input name="code" required></label><button id="ok">Apply</button></form>';
  const answering = (status: number) =>
    `coupon.onsubmit = (e) => { e.preventDefault(); fetch('/status/${status}', { method: 'POST' }); }`;

  test('a submit tells the status of the request that it started', async () => {
    const visit = await site.visit({ body: FORM, script: answering(422) });
    await visit.page.fill('input', 'SPRING');
    await visit.page.click('#ok');
    const [submit] = await visit.arrived('submit');
    expect(submit).toMatchObject({ how: 'submit', status: 422, el: { sel: 'form#coupon', role: 'form' } });
    const [failed] = await visit.arrived('request');
    expect(failed).toMatchObject({ method: 'POST', url: '/status/:id', status: 422 });
    await done(visit);
  });

  test('a form that the browser refuses is told once per attempt, and by no check of the app', async () => {
    const visit = await site.visit({
      body: `<form id="f"><input name="a" required><input name="b" required><button id="ok">Send</button></form>`,
      script: `f.elements.a.oninput = () => f.checkValidity()`,
    });
    await visit.page.click('#ok');
    await visit.page.type('[name=a]', 'xy');
    await visit.page.click('#ok');
    const submits = await visit.arrived('submit', 2);
    expect(submits.map(({ how }) => how)).toEqual(['invalid', 'invalid']);
    await done(visit);
  });

  test('a submit that navigates arrives', async () => {
    const visit = await site.visit({
      body: `<form id="f" action="/plain"><input name="q"><button id="ok">Search</button></form>`,
    });
    await visit.page.fill('input', 'shoes');
    await visit.page.press('input', 'Enter');
    const [submit] = await visit.arrived('submit');
    expect(submit).toMatchObject({ how: 'submit' });
    expect(submit?.after).toHaveProperty('nav');
    expect(JSON.stringify(visit.bodies)).not.toContain('shoes');
    await done(visit);
  });

  test('a visit to a field tells that it was edited and cleared, never what is in it or how long it is', async () => {
    const visit = await site.visit({ body: FORM });
    await visit.page.type('input', 'Zebra');
    await visit.page.fill('input', '');
    await visit.page.type('input', 'Okapi');
    await visit.page.evaluate(() => (document.activeElement as HTMLElement).blur());
    const [field] = await visit.arrived('field');
    expect(field).toMatchObject({
      el: { sel: 'input[name=code]', role: 'textbox', label: 'Code' },
      form: 'form#coupon',
      edits: 2,
      clears: 1,
    });
    expect(JSON.stringify(visit.bodies)).not.toMatch(/Zebra|Okapi/);
    await done(visit);
  });
});

describe.concurrent('errors and requests', () => {
  test('an error in a handler follows its click, in stable words', async () => {
    const visit = await site.visit({
      body: '<button id="it">Pay</button>',
      script: `it.onclick = () => { throw new TypeError('cart 4711 of ann@shop.example is empty') }`,
    });
    await visit.page.click('#it');
    await visit.page.waitForTimeout(300);
    await visit.page.click('#it');
    const errors = await visit.arrived('error', 2);
    expect(errors[0]).toMatchObject({ kind: 'error', message: 'TypeError: cart # of # is empty' });
    expect([errors[1]?.message, errors[1]?.source]).toEqual([errors[0]?.message, errors[0]?.source]);
    const [click] = await visit.arrived('click');
    expect(click?.after).toHaveProperty('err');
    expect(errors[0]?.n).toBeGreaterThan(click?.n ?? 99);
    await done(visit);
  });

  test('what fails at a host that has answered the page is told without its scheme, as no content blocker keeps it away', async () => {
    const visit = await site.visit({
      body: '<button id="it">Load</button><button id="other">Reload</button>',
      script: `it.onclick = () => fetch('https://api.shop.example/orders').catch(() => {});
        other.onclick = () => fetch('https://metrics.shop.example/hit').catch(() => {});`,
    });
    let asked = 0;
    await visit.page.route('https://*.shop.example/**', (route) =>
      route.request().url().includes('api') && !asked++
        ? route.fulfill({ json: {}, headers: { 'access-control-allow-origin': '*' } })
        : route.abort(),
    );
    for (const id of ['other', 'it', 'it']) {
      await visit.page.click(`#${id}`);
      await visit.page.waitForTimeout(300);
    }
    await visit.leave();
    expect(visit.events('request').map(({ url, status }) => [url, status])).toEqual([
      ['https://metrics.shop.example/hit', 0],
      ['//api.shop.example/orders', 200],
      ['//api.shop.example/orders', 0],
    ]);
    await done(visit);
  });

  test('what a content blocker stops, and nobody catches, is no error of the page, what is never caught of its own server is', async () => {
    const visit = await site.visit({
      body: '<button id="it">Buy</button><button id="own">Pay</button>',
      script: `it.onclick = () => { fetch('https://metrics.example/hit') }; own.onclick = () => { fetch('/cut') };`,
    });
    await visit.page.route('https://metrics.example/**', (route) => route.abort());
    await visit.page.click('#it');
    await visit.page.waitForTimeout(300);
    await visit.page.click('#own');
    await visit.page.waitForTimeout(500);
    await visit.leave();
    expect(visit.events('error').map(({ message }) => message)).toEqual(['TypeError: Failed to fetch']);
    expect(visit.events('error')[0]?.n).toBeGreaterThan(visit.events('click')[1]?.n as number);
    await visit.context.close();
  });

  test.each([
    [
      'fetch',
      `const c = new AbortController(); stop = () => c.abort(); fetch('/slow', { signal: c.signal }).catch(() => {})`,
    ],
    ['XHR', `const x = new XMLHttpRequest(); stop = () => x.abort(); x.open('GET', '/slow'); x.send()`],
  ])(
    '%s without an answer is told where the page gives it up after long, or is left, not where somebody does',
    async (_, ask) => {
      const visit = await site.visit({
        body: '<button id="it">Show</button><button id="no">Cancel</button>',
        script: `let stop; it.onclick = () => { ${ask} }; no.onclick = () => stop();`,
      });
      const { page } = visit;
      const show = async (ms: number) => {
        await page.click('#it');
        await page.waitForTimeout(ms);
      };
      const told = () => visit.events('request').length;
      await show(1000);
      await page.evaluate('stop()');
      await show(5200);
      await page.click('#no');
      await show(5200);
      await visit.arrived('click', 3);
      expect(told()).toBe(0);
      await page.evaluate('stop()');
      await visit.arrived('request');
      await show(5200);
      await visit.leave();
      const requests = visit.events('request');
      expect(requests.map(({ url, status }) => [url, status])).toEqual([
        ['/slow', 0],
        ['/slow', 0],
      ]);
      expect(visit.events('leave')[0]?.n).toBeGreaterThan(requests[1]?.n as number);
      await done(visit);
    },
  );

  test('what is written after something was done in a frame of another site is told', async () => {
    const visit = await site.visit({
      body: `<iframe id="frame" src="${site.origin.replace('127.0.0.1', 'localhost')}/plain"></iframe>`,
      script: `addEventListener('blur', () => setTimeout(() => { fetch('/status/200'); fetch('/status/204', { method: 'POST' }) }, 3000))`,
    });
    await visit.page.frameLocator('#frame').locator('h1').click();
    await visit.page.waitForTimeout(3300);
    await visit.leave();
    expect(visit.events('request').map(({ method, status }) => [method, status])).toEqual([['POST', 204]]);
    await done(visit);
  });

  test('an error in a script of the user’s browser extension is none of the page’s', async () => {
    const visit = await site.visit({
      body: '<button id="it">Pay</button>',
      script: `it.onclick = () => { setTimeout("throw new Error('of an extension')\\n//# sourceURL=chrome-extension://abcdef/inpage.js");
        setTimeout("throw new Error('of the page')\\n//# sourceURL=https://shop.example/app.js", 50); };`,
    });
    await visit.page.click('#it');
    await visit.page.waitForTimeout(300);
    await visit.leave();
    expect(visit.events('error').map(({ message }) => message)).toEqual(['Error: of the page']);
    await done(visit);
  });

  test('a rejection that nobody handles reaches the page and is told, one that is handled is not', async () => {
    const visit = await site.visit({
      script: `addEventListener('unhandledrejection', () => { window.heard = (window.heard ?? 0) + 1; });
        fetch('/cut').catch(() => {}); fetch('/cut'); Promise.reject('Ann Smith');`,
    });
    const errors = await visit.arrived('error', 2);
    expect(await visit.page.evaluate('window.heard')).toBe(2);
    expect(errors.every(({ kind }) => kind === 'rejection')).toBe(true);
    expect(JSON.stringify(visit.bodies)).not.toContain('Ann');
    const failed = await visit.arrived('request', 2);
    expect(failed.map(({ url, status }) => [url, status])).toEqual([
      ['/cut', 0],
      ['/cut', 0],
    ]);
    await done(visit);
  });

  test('failed XMLHttpRequests are told, aborted requests and our own are not', async () => {
    const visit = await site.visit({
      body: '<p>Shop</p>',
      script: `const x = new XMLHttpRequest(); x.open('get', '/status/500?token=abc'); x.send();
        const y = new XMLHttpRequest(); y.open('GET', '/plain'); y.send(); y.abort();
        const gone = new AbortController(); fetch('/plain', { signal: gone.signal }).catch(() => {}); gone.abort();`,
    });
    visit.answers.push(500);
    await visit.page.click('body');
    await visit.arrived('page');
    await visit.leave();
    expect(visit.events('request').map(({ method, url, status }) => [method, url, status])).toEqual([
      ['GET', '/status/:id', 500],
    ]);
    await done(visit);
  });
});

describe.concurrent('pages', () => {
  test('routes of a single-page app, reloads and going back are told, new queries are not', async () => {
    const visit = await site.visit({ body: '<p>Shop</p>' });
    await visit.page.evaluate(() => {
      history.pushState({}, '', 'orders/8412');
      history.pushState({}, '', '?page=2');
      history.replaceState({}, '', '/cart');
      history.back();
    });
    await visit.arrived('page', 4);
    expect(
      visit.events('page').map(({ nav, route, from }) => [nav, route.split('/').slice(2).join('/'), !!from]),
    ).toEqual([
      ['load', '', false],
      ['push', 'orders/:id', true],
      ['replace', '', true],
      ['back', 'orders/:id', true],
    ]);
    await visit.page.goto(visit.url);
    await visit.page.reload();
    await visit.leave();
    const views = visit.events('page');
    expect(views.at(-1)).toMatchObject({ nav: 'reload' });
    expect(new Set(views.map(({ sid }) => sid)).size).toBe(1);
    expect(new Set(views.map(({ page }) => page)).size).toBe(3);
    await done(visit);
  });

  test('a page that has itself loaded anew says so, one that somebody reloads does not', async () => {
    const visit = await site.visit({
      body: '<p>Your payment is being confirmed.</p>',
      script: `if (!sessionStorage.times) setTimeout(() => { sessionStorage.times = 1; location.reload(); }, 500)`,
    });
    await visit.page.waitForFunction(
      `performance.getEntriesByType('navigation')[0]?.type === 'reload' && document.readyState === 'complete'`,
    );
    await visit.page.reload();
    await visit.leave();
    expect(visit.events('leave').map(({ how }) => how)).toEqual(['reload', undefined, undefined]);
    expect(visit.events('page').map(({ nav, status }) => [nav, status])).toEqual([
      ['load', undefined],
      ['reload', undefined],
      ['reload', undefined],
    ]);
    await done(visit);
  });

  test('how a document was answered is told, if it was not well', async () => {
    const visit = await site.visit({ body: '<p>Something is missing.</p>', status: 422 });
    await visit.leave();
    expect(visit.events('page').map(({ status }) => status)).toEqual([422]);
    await done(visit);
  });

  test('what happens while the page is still read is told after the page, and under its own address', async () => {
    const visit = await site.visit({
      head: `<script>history.replaceState({}, '', 'orders/8412')</script><script>throw new TypeError('No cart')</script>`,
    });
    await visit.arrived('error');
    const told = visit.events().map(({ type, nav, route }) => [type, nav, route.split('/').slice(2).join('/')]);
    expect(told).toEqual([
      ['page', 'load', ''],
      ['page', 'replace', 'orders/:id'],
      ['error', undefined, 'orders/:id'],
    ]);
    await done(visit);
  });

  test.each([
    ['() => { throw new Error("no"); }', '/orders/:id'],
    ['() => "x".repeat(999)', 'x'.repeat(512)],
    ['() => 7', '7'],
  ])('a route that the app names in an odd way costs nothing: %s', async (route, expected) => {
    const visit = await site.visit({ attributes: null, head: '<script src="/sdk/irk.js"></script>' });
    await visit.page.evaluate(`{
      const endpoint = '/ingest' + location.pathname + '?tenant=1';
      history.replaceState(null, '', '/orders/8412');
      irk.init({ key: 'irk_pk_test', endpoint, route: ${route} });
    }`);
    await visit.page.evaluate(`irk.track('done'); irk.identify('u-1')`);
    const [event] = await visit.arrived('track');
    expect(event?.route).toBe(expected);
    // An endpoint may have a query of its own.
    expect(visit.heads.join()).toContain('?tenant=1&k=irk_pk_test');
    await visit.context.close();
  });

  test('routes are told of a router that intercepts navigations', async () => {
    const visit = await site.visit({
      body: '<a id="it" href="orders">Orders</a>',
      script: `navigation.addEventListener('navigate', (event) => event.intercept({ handler: async () => {} }))`,
    });
    await visit.page.click('#it');
    await visit.page.evaluate(() => history.back());
    await visit.page.waitForTimeout(100);
    await visit.page.evaluate(`navigation.navigate('cart', { history: 'replace' })`);
    const pages = await visit.arrived('page', 4);
    expect(pages.map(({ nav, route }) => [nav, route.split('/').slice(2).join('/')])).toEqual([
      ['load', ''],
      ['push', 'orders'],
      ['back', ''],
      ['replace', 'cart'],
    ]);
    await done(visit);
  });

  test('going back is told as such where a router that was there first replaces the address at once', async () => {
    const visit = await site.visit({
      before: `addEventListener('popstate', async () => { await 0; history.replaceState({ mine: true }, ''); }, true);`,
    });
    await visit.page.evaluate(() => history.pushState({}, '', 'cart'));
    await visit.page.evaluate(() => history.back());
    const pages = await visit.arrived('page', 3);
    expect(pages.map(({ nav }) => nav)).toEqual(['load', 'push', 'back']);
    expect(await visit.page.evaluate(() => history.state)).toEqual({ mine: true });
    await done(visit);
  });

  test('a page that was reached by a link tells the route of the page before, a reload and a foreign link do not', async () => {
    const visit = await site.visit({
      body: '<a id="it" href="orders/8412?who=ann">Order</a> <a id="far">The same shop, of another origin</a>',
      script: `far.href = location.href.replace('127.0.0.1', 'localhost')`,
    });
    await visit.page.click('#it');
    await visit.page.waitForURL('**/orders/**');
    await visit.page.reload();
    await visit.page.click('#far');
    await visit.page.waitForURL('**//localhost*/**');
    await visit.leave();
    expect(
      visit
        .events('page')
        .map(({ nav, route, from }) => [nav, route, from].map((part) => part?.toString().replace(/shop../, 'shop'))),
    ).toEqual([
      ['load', '/shop/', undefined],
      ['load', '/shop/orders/:id', '/shop/'],
      ['reload', '/shop/orders/:id', undefined],
      ['load', '/shop/orders/:id', undefined],
    ]);
    await done(visit);
  });

  test('two tabs share a session, and a page without storage has one of its own', async () => {
    const visit = await site.visit({ body: '<p>Shop</p>' });
    const other = await visit.context.newPage();
    await other.goto(visit.url);
    await visit.arrived('page', 2);
    expect(new Set(visit.events('page').map(({ sid }) => sid)).size).toBe(1);
    await done(visit);

    const bare = await site.visit({
      body: '<p>Shop</p>',
      headers: { 'content-security-policy': 'sandbox allow-scripts' },
    });
    await bare.page.click('p');
    await bare.arrived('click');
    await done(bare);
  });
});

describe.concurrent('delivery', () => {
  test('the last event before leaving arrives, once', async () => {
    const visit = await site.visit({ body: '<a id="it" href="/plain">Terms</a>' });
    await visit.page.click('#it');
    const [click] = await visit.arrived('click');
    expect(click?.after).toHaveProperty('nav');
    expect(click?.observed).toBeLessThan(2500);
    await visit.arrived('leave');
    expect(visit.events('leave')).toHaveLength(1);
    await done(visit);
  });

  test('a batch is sent again under the same ids until it is taken', async () => {
    const visit = await site.visit({ body: '<button id="it">Pay</button>' });
    visit.answers.push(503, 500, 429);
    await visit.page.click('#it');
    await visit.arrived('click');
    const tries = visit.bodies.map((body) => JSON.parse(body) as { page: string; seq: number; try: number });
    expect(tries.slice(0, 3).map(({ page, seq }) => `${page} ${seq}`)).toEqual(Array(3).fill(`${tries[0]?.page} 0`));
    expect(tries.map((batch) => batch.try).slice(0, 3)).toEqual([0, 1, 2]);
    await done(visit);
  });

  test('what could not be delivered is delivered by the next page', async () => {
    const visit = await site.visit({ body: '<button id="it">Pay</button>' });
    visit.answers.push(503, 503, 503, 503);
    await visit.page.click('#it');
    await visit.page.goto(`${site.origin}/plain`);
    await visit.page.waitForTimeout(300);
    expect(visit.events('click')).toEqual([]);
    visit.answers.length = 0;
    await visit.page.goto(visit.url);
    await visit.arrived('click');
    await done(visit);
  });

  test('a refused key stops the SDK', async () => {
    const visit = await site.visit({ body: '<button id="it">Pay</button>' });
    visit.answers.push(401, 401, 401, 401, 401);
    await visit.page.evaluate(() => history.pushState({}, '', 'a'));
    await visit.page.evaluate('irk.track("one")');
    while (!visit.bodies.length) await visit.page.waitForTimeout(100);
    await visit.page.click('#it');
    await visit.page.goto(`${site.origin}/plain`);
    await visit.page.waitForTimeout(300);
    expect(visit.bodies).toHaveLength(1);
    await done(visit);
  });

  // Ten to twenty minutes are half a second here.
  test.each([
    ['is tried again after a while, and goes on once it is accepted', 1, ''],
    ['is tried again each time', 3, ''],
    ['is not tried again once the page has stopped the SDK', 1, 'irk.stop()'],
  ])('a refused key %s', async (_, refusals, then) => {
    const visit = await site.visit({
      body: '<button id="it">Pay</button>',
      before: `const later = setTimeout; window.probes = [];
        window.setTimeout = (action, ms, ...rest) => {
          const probe = ms >= 600_000 && ms <= 1_200_000;
          if (probe) probes.push(ms);
          return later(action, probe ? 500 : ms, ...rest);
        };`,
    });
    visit.answers.push(...Array(refusals).fill(401));
    await visit.page.click('#it');
    await visit.page.waitForFunction('probes.length > 0');
    await visit.page.evaluate(`${then}; 0`);
    await visit.page.waitForTimeout(refusals * 1500);
    const probes = await visit.page.evaluate('probes.length');
    const tried = visit.bodies.length;
    await visit.page.click('#it');
    await visit.page.goto(`${site.origin}/plain`);
    await visit.page.waitForTimeout(500);
    expect([probes, visit.events('click').length]).toEqual([refusals, then ? 0 : 2]);
    if (then) expect(tried).toBe(1);
    await done(visit);
  });
});

describe.concurrent('the page stays as it was', () => {
  test('patched functions keep name, length, text and errors, and stop restores them', async () => {
    const visit = await site.visit({
      body: '<p>Shop</p>',
      before: `window.native = { fetch, open, pushState: history.pushState, send: XMLHttpRequest.prototype.send };`,
    });
    const result = await visit.page.evaluate(async () => {
      const { native } = window as never as {
        native: { fetch: typeof fetch; open: typeof open; pushState: unknown; send: unknown };
      };
      const same = (a: () => unknown, b: () => unknown) =>
        a.name === b.name && a.length === b.length && `${a}` === `${b}`;
      const wrong = async (f: typeof fetch) => f('http://[').catch((error: Error) => error.message);
      const kept = [
        fetch !== native.fetch,
        same(fetch as never, native.fetch as never),
        same(open as never, native.open as never),
        (await wrong(fetch)) === (await wrong(native.fetch)),
      ];
      (window as never as { irk: { stop(): void } }).irk.stop();
      return [
        ...kept,
        fetch === native.fetch,
        history.pushState === native.pushState,
        XMLHttpRequest.prototype.send === native.send,
      ];
    });
    expect(result).toEqual(Array(7).fill(true));
    await done(visit);
  });

  test('stop leaves every function as it was, and nobody that listens', async () => {
    const visit = await site.visit({
      body: '<button id="it">Pay</button>',
      before: `window.owners = [window, history, XMLHttpRequest.prototype, HTMLMediaElement.prototype, Clipboard.prototype,
          AudioScheduledSourceNode.prototype, AudioBufferSourceNode.prototype, EventTarget.prototype, Element.prototype, CSSStyleSheet.prototype,
          HTMLInputElement.prototype, HTMLTextAreaElement.prototype, HTMLSelectElement.prototype, HTMLOptionElement.prototype];
        window.functions = () => owners.flatMap((owner) => Object.values(Object.getOwnPropertyDescriptors(owner))
          .map(({ value, set }) => set ?? value).filter((each) => typeof each === 'function'));
        window.native = new Set(functions());`,
    });
    const devtools = await visit.context.newCDPSession(visit.page);
    /** The types of what is listened to. */
    async function heard(place: string): Promise<string[]> {
      const { result } = await devtools.send('Runtime.evaluate', { expression: place });
      const { listeners } = await devtools.send('DOMDebugger.getEventListeners', {
        objectId: result.objectId as string,
      });
      return listeners.map(({ type }) => type);
    }
    const places = ['window', 'document', 'navigation', 'visualViewport'];
    await visit.page.click('#it');
    expect(await visit.page.evaluate('functions().filter((f) => !native.has(f)).length')).toBeGreaterThan(20);
    for (const place of places) expect([place, (await heard(place)).length > 0]).toEqual([place, true]);
    await visit.page.evaluate('irk.stop()');
    expect(await visit.page.evaluate('functions().filter((f) => !native.has(f)).map((f) => f.name)')).toEqual([]);
    for (const place of places) expect([place, await heard(place)]).toEqual([place, []]);
    await done(visit);
  });

  test('under a strict policy, with a second tag, and with a fetch that is not there', async () => {
    const visit = await site.visit({
      body: '<button id="it">Pay</button><script src="/sdk/irk.js" data-key="irk_pk_test"></script>',
      headers: {
        'content-security-policy':
          "default-src 'none'; script-src 'self'; connect-src 'self'; require-trusted-types-for 'script'",
      },
    });
    await visit.page.click('#it');
    await visit.leave();
    expect(visit.events('page')).toHaveLength(1);
    expect(visit.events('click')).toHaveLength(1);
    expect(visit.noise.filter((line) => !line.includes('favicon') && !line.includes('data:'))).toEqual([]);
    await done(visit);

    const bare = await site.visit({ body: '<button id="it">Pay</button>', before: 'delete window.fetch' });
    await bare.page.click('#it');
    await bare.page.goto(`${site.origin}/plain`);
    expect(bare.noise).toEqual([]);
    await done(bare);
  });

  test('nothing is stored or sent before consent, and all is erased after it was withdrawn', async () => {
    const visit = await site.visit({ body: '<button id="it">Pay</button>', attributes: 'data-consent="required"' });
    await visit.page.click('#it');
    expect(await visit.page.evaluate(() => localStorage.length)).toBe(0);
    await visit.page.evaluate('irk.consent(true)');
    await visit.page.click('#it');
    expect(await visit.page.evaluate(() => localStorage.length)).toBeGreaterThan(0);
    await visit.page.evaluate('irk.consent(false)');
    await visit.page.goto(`${site.origin}/plain`);
    expect(await visit.page.evaluate(() => localStorage.length)).toBe(0);
    await visit.page.waitForTimeout(300);
    expect(visit.bodies).toEqual([]);
    await done(visit);
  });

  test('consent that is given again goes on, though another tab hears late that it was withdrawn', async () => {
    const visit = await site.visit({ body: '<button id="it">Pay</button>' });
    const other = await visit.context.newPage();
    await other.goto(visit.url);
    for (const page of [visit.page, other]) await page.click('#it');
    await other.evaluate('setTimeout(() => { const end = Date.now() + 2000; while (Date.now() < end); })');
    await visit.page.waitForTimeout(300);
    await visit.page.evaluate('irk.consent(false)');
    await visit.page.waitForTimeout(300);
    await visit.page.evaluate(`irk.consent(true); irk.track('again')`);
    // Not before the other is done.
    await other.evaluate('1');
    await visit.page.waitForTimeout(300);
    expect(await visit.page.evaluate(`'irk.s' in localStorage`)).toBe(true);
    await visit.page.evaluate(`irk.track('later')`);
    await visit.leave();
    expect(visit.events('track').map(({ name }) => name)).toEqual(['again', 'later']);
    await visit.context.close();
  });

  test('who asks not to be tracked is not', async () => {
    const visit = await site.visit({
      body: '<button id="it">Pay</button>',
      before: `Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { value: true })`,
    });
    await visit.page.click('#it');
    await visit.page.evaluate('irk.consent(true)');
    await visit.page.goto(`${site.origin}/plain`);
    await visit.page.waitForTimeout(300);
    expect(visit.bodies).toEqual([]);
    await done(visit);
  });

  test('a session is in the sample or not, as a whole', async () => {
    const visit = await site.visit({ body: '<button id="it">Pay</button>', attributes: 'data-sample="0"' });
    await visit.page.click('#it');
    await visit.page.goto(`${site.origin}/plain`);
    await visit.page.waitForTimeout(300);
    expect(visit.bodies).toEqual([]);
    await done(visit);
  });

  test('a sample that is no number holds all sessions', async () => {
    const visit = await site.visit({ body: '<button id="it">Pay</button>', attributes: 'data-sample="50%"' });
    await visit.page.click('#it');
    await visit.leave();
    expect(visit.events('click')).toHaveLength(1);
    await done(visit);
  });

  test('what is still watched when somebody else comes is of whoever was there before', async () => {
    const visit = await site.visit({
      body: '<button id="in">Log in</button><button id="out">Log out</button>',
      script: `document.getElementById('in').onclick = () => setTimeout(() => irk.identify('u-1'), 300);
        out.onclick = () => setTimeout(() => irk.identify(), 300);`,
    });
    for (const id of ['in', 'out', 'in']) {
      await visit.page.click(`#${id}`);
      await visit.page.waitForTimeout(600);
    }
    await visit.leave();
    expect(visit.events('click').map(({ user, observed }) => [user, (observed as number) < 600])).toEqual([
      [undefined, true],
      ['u-1', true],
      [undefined, true],
    ]);
    await done(visit);
  });

  test('identify, release and environment travel with the batch', async () => {
    const visit = await site.visit({
      body: '<p>Shop</p>',
      attributes: 'data-release="2026.11.2" data-environment="production"',
      script: `irk.track('before'); irk.identify('u-1'); irk.track('after');`,
    });
    await visit.leave();
    expect(visit.events('track').map(({ name, user }) => [name, user])).toEqual([
      ['before', undefined],
      ['after', 'u-1'],
    ]);
    expect(visit.batches[0]?.ctx).toMatchObject({ release: '2026.11.2', environment: 'production', device: 'desktop' });
    await done(visit);
  });
});
