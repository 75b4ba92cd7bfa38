import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSite, type Site, type Visit } from './site';

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());

/** Goes elsewhere, and returns what the page told of a type. */
async function told(visit: Visit, type: string) {
  await visit.leave();
  expect(visit.faults).toEqual([]);
  // Chromium's own remark on a request that failed.
  expect(visit.noise.filter((line) => !line.startsWith('Failed to load resource'))).toEqual([]);
  await visit.context.close();
  return visit.events(type);
}

/** Scrolls by each of these distances (px), one stroke each. */
async function wheel({ page }: Visit, ...strokes: number[]) {
  for (const stroke of strokes) {
    await page.mouse.wheel(0, stroke);
    await page.waitForTimeout(150);
  }
}

describe.concurrent('scrolling', () => {
  const TALL = '<div style="height:9000px">A long text</div>';

  test('tells each stroke that ended by a reversal', async () => {
    const visit = await site.visit({ body: TALL });
    // Where the first stroke began is not known before the first step.
    await wheel(visit, 100, 600, 300, -400, 300, -50, 400);
    const strokes = await told(visit, 'scroll');
    expect(strokes.map(({ dist }) => dist)).toEqual([900, -400, 300]);
    expect(strokes.every((stroke) => !('el' in stroke))).toBe(true);
  });

  test('tells the scroller, if it is not the page, and nothing of one that is ignored', async () => {
    const list = (name: string, mark = '') =>
      `<div id="${name}" ${mark} style="height:200px;overflow:auto"><div style="height:3000px">List</div></div>`;
    const visit = await site.visit({ body: list('results') + list('secret', 'data-irk-ignore') });
    for (const name of ['results', 'secret']) {
      await visit.page.hover(`#${name}`);
      await wheel(visit, 50, 300, -200, 300);
    }
    const strokes = await told(visit, 'scroll');
    expect(strokes.map(({ el, dist }) => [el?.sel, dist])).toEqual([
      ['div#results', 300],
      ['div#results', -200],
    ]);
  });
});

test('scrolling one way on a page that snaps to its sections is no reversal, back and forth on it is', async () => {
  const visit = await site.visit({
    head: '<style>html{scroll-snap-type:y mandatory}body{margin:0}section{height:100vh;scroll-snap-align:start}</style>',
    body: '<section>A</section><section>B</section><section>C</section><section>D</section>',
  });
  const turn = async (by: number) => {
    await visit.page.mouse.wheel(0, by);
    await visit.page.waitForTimeout(1000);
  };
  // Too little for the next section: each time the page snaps back.
  for (let n = 0; n < 3; n++) await turn(300);
  await visit.page.waitForTimeout(300);
  await turn(700);
  await turn(-700);
  await turn(700);
  const strokes = await told(visit, 'scroll');
  expect(strokes.map(({ dist }) => Math.sign(dist as number))).toEqual([1, -1]);
});

test('scrolling down, then sideways, is no reversal', async () => {
  const visit = await site.visit({
    body: '<div id="plan" style="height:200px;width:300px;overflow:auto"><div style="height:3000px;width:3000px">Plan</div></div>',
  });
  await visit.page.hover('#plan');
  // From here on it is known where each began.
  await visit.page.mouse.wheel(50, 50);
  for (const [x, y] of [
    [300, 0],
    [0, 300],
    [300, 0],
    [0, -300],
  ] as const) {
    await visit.page.mouse.wheel(x, y);
    await visit.page.waitForTimeout(300);
  }
  expect((await told(visit, 'scroll')).map(({ dist }) => dist)).toEqual([300]);
});

test('scrolling is told of each of two that follow each other', async () => {
  const pane = (name: string) =>
    `<div id="${name}" style="height:200px;overflow:auto"><div style="height:3000px">Rows</div></div>`;
  const visit = await site.visit({
    body: pane('rows') + pane('heads'),
    script: `rows.onscroll = () => { heads.scrollTop = rows.scrollTop; }`,
  });
  await visit.page.hover('#rows');
  await wheel(visit, 50, 300, -200, 300);
  const strokes = await told(visit, 'scroll');
  const of = (name: string) => strokes.filter(({ el }) => el?.sel === `div#${name}`).map(({ dist }) => dist);
  expect([of('rows'), of('heads')]).toEqual([
    [300, -200],
    [300, -200],
  ]);
});

describe.concurrent('scrolling by the page', () => {
  test('is not told', async () => {
    const visit = await site.visit({
      body: '<div id="it" style="height:100px;overflow:auto"><div style="height:3000px">News</div></div>',
      script: `setInterval(() => { it.scrollTop = it.scrollTop ? 0 : 900; }, 100)`,
    });
    await visit.page.waitForTimeout(1000);
    expect(await told(visit, 'scroll')).toEqual([]);
  });
});

describe.concurrent('the pointer', () => {
  /** Moves to and fro so many times, 80 px each. */
  async function shake({ page }: Visit, times: number) {
    for (let i = 0; i < times; i++) await page.mouse.move(200 + 80 * (i % 2), 100, { steps: 4 });
  }
  const AREA = '<main id="plan" style="height:400px">Plan</main>';

  test('that goes to and fro is told once, with what it was over', async () => {
    const visit = await site.visit({ body: AREA });
    await shake(visit, 14);
    await visit.page.waitForTimeout(2200);
    const spells = await told(visit, 'pointer');
    expect(spells).toHaveLength(1);
    expect(spells[0]?.el?.sel).toBe('main#plan');
    expect(spells[0]?.turns).toBeGreaterThanOrEqual(5);
    expect(spells[0]?.turns).toBeLessThanOrEqual(13);
    expect(spells[0]?.dist).toBeGreaterThan(300);
  });

  test('is told where the page hangs, and hears of all moves at once', async () => {
    const visit = await site.visit({
      body: '<button id="it" style="width:400px;height:80px">Pay</button>',
      script: `it.onclick = () => setTimeout(() => { const end = Date.now() + 2500; while (Date.now() < end); })`,
    });
    const devtools = await visit.context.newCDPSession(visit.page);
    await visit.page.click('#it');
    const moves = [];
    for (let n = 0; n < 32; n++) {
      const x = 60 + (n % 8 < 4 ? n % 4 : 4 - (n % 4)) * 60;
      moves.push(devtools.send('Input.dispatchMouseEvent', { type: 'mouseMoved', x, y: 40 }));
      await visit.page.waitForTimeout(50);
    }
    await Promise.all(moves);
    await visit.page.waitForTimeout(2500);
    const [spell] = await told(visit, 'pointer');
    expect(spell?.el).toMatchObject({ sel: 'button#it' });
    expect(spell?.turns).toBeGreaterThanOrEqual(5);
    // As long as it took, not at one moment.
    expect(spell?.dur).toBeGreaterThan(300);
  });

  test('is told when the page is left in the middle of it', async () => {
    const visit = await site.visit({ body: AREA });
    await shake(visit, 9);
    expect(await told(visit, 'pointer')).toHaveLength(1);
  });

  test.each<[string, string, (visit: Visit) => Promise<unknown>]>([
    ['that goes one way', AREA, ({ page }) => page.mouse.move(900, 300, { steps: 60 })],
    [
      'that goes one way, over one frame after the other',
      '<iframe srcdoc="A chart" width="100" height="100" style="margin:0 10px"></iframe>'.repeat(5),
      ({ page }) => page.mouse.move(700, 60, { steps: 60 }),
    ],
    ['that turns four times', AREA, (visit) => shake(visit, 5)],
    [
      'that drags',
      AREA,
      async (visit) => {
        await visit.page.mouse.down();
        await shake(visit, 14);
        await visit.page.mouse.up();
      },
    ],
    ['over a canvas', '<canvas width="600" height="400"></canvas>', (visit) => shake(visit, 14)],
    ['over what is ignored', `<div data-irk-ignore>${AREA}</div>`, (visit) => shake(visit, 14)],
  ])('%s is not told', async (_, body, act) => {
    const visit = await site.visit({ body });
    await act(visit);
    expect(await told(visit, 'pointer')).toEqual([]);
  });
});

describe.concurrent('zooming', () => {
  const PHONE = { viewport: { width: 390, height: 800 }, isMobile: true, hasTouch: true };

  async function pinch({ page, context }: Visit, scaleFactor: number) {
    const cdp = await context.newCDPSession(page);
    await cdp.send('Input.synthesizePinchGesture', { x: 60, y: 60, scaleFactor, relativeSpeed: 1500 });
    await page.waitForTimeout(800);
  }

  test('is told once per pinch, on a page for small screens', async () => {
    const visit = await site.visit({
      device: PHONE,
      head: '<meta name="viewport" content="width=device-width, initial-scale=1">',
      body: '<p>Small print</p>',
    });
    await pinch(visit, 2.5);
    await pinch(visit, 0.5);
    const scales = (await told(visit, 'zoom')).map(({ scale }) => scale);
    expect(scales).toContain(250);
    expect(scales.at(-1)).toBe(125);
    // A pinch is dozens of steps. On a busy machine one may pause in the middle, and then looks like two.
    expect(scales.length).toBeLessThan(5);
  });

  test('is not told where a page only finds its size', async () => {
    // Before its viewport is read, a page is laid out as on a large screen. Nobody has touched it yet.
    const visit = await site.visit({
      device: PHONE,
      head: '<meta name="viewport" content="width=device-width, initial-scale=1">',
      body: '<p>Small print</p>',
      before: `Object.defineProperty(visualViewport, 'scale', { value: 0.4, configurable: true });
        addEventListener('load', () => setTimeout(() => {
          delete visualViewport.scale;
          visualViewport.dispatchEvent(new Event('resize'));
        }, 200))`,
    });
    await visit.page.waitForTimeout(1200);
    await pinch(visit, 2.5);
    const scales = (await told(visit, 'zoom')).map(({ scale }) => scale);
    expect(scales).toContain(250);
    expect(scales).not.toContain(100);
  });

  test('is not told of a page that is shown like on a large screen', async () => {
    const visit = await site.visit({ device: PHONE, body: '<p>Small print</p>' });
    await pinch(visit, 2.5);
    expect(await told(visit, 'zoom')).toEqual([]);
  });
});

describe.concurrent('copying', () => {
  const selectAndCopy = async ({ page }: Visit, selector: string) => {
    await page.evaluate((it) => getSelection()?.selectAllChildren(document.querySelector(it) as Node), selector);
    await page.keyboard.press('Control+C');
  };

  test('from a region that tells of an error is told, with its age, and without the text', async () => {
    const visit = await site.visit({
      body: '<button id="it">Pay</button><div id="out"></div>',
      script: `it.onclick = () => setTimeout(() => {
        out.innerHTML = '<div role="alert" data-testid="failure"><p id="text">Card refused for zanzibar</p></div>';
      }, 50)`,
    });
    await visit.page.click('#it');
    await visit.page.waitForSelector('#text');
    await selectAndCopy(visit, '#text');
    const [copy, ...more] = await told(visit, 'copy');
    expect(more).toEqual([]);
    expect(copy?.el).toEqual({ sel: 'div[data-testid=failure]', role: 'alert', label: 'failure' });
    expect(copy?.age).toBeGreaterThanOrEqual(0);
    expect(visit.bodies.join()).not.toContain('zanzibar');
  });

  test('tells no age that nobody saw, and nothing outside of such regions or of what is read there', async () => {
    const visit = await site.visit({
      body: `<p id="a" aria-live="polite">Saved</p><p id="b">Terms</p><p id="d" class="alert alert-success" role="alert">Your key: k</p><main aria-live="polite"><p id="c">${'An answer. '.repeat(30)}</p></main>`,
    });
    await selectAndCopy(visit, '#b');
    await selectAndCopy(visit, '#d');
    await selectAndCopy(visit, '#c');
    await selectAndCopy(visit, '#a');
    const copies = await told(visit, 'copy');
    expect(copies.map(({ el, age }) => [el?.sel, age])).toEqual([['p#a', undefined]]);
  });
});

describe.concurrent('a frame', () => {
  const FRAME = `<button id=it>Pay</button><button id=dead>Save</button><p id=n>0</p><script>
    it.onclick = () => { n.textContent = '1'; };</script>`;
  const framing = (mark: string, origin = '') => ({
    body: `<iframe ${mark} id="frame" width="400" height="200"></iframe>`,
    // Later than the page, as most frames are: with a time origin of its own.
    script: `setTimeout(() => { frame.${origin ? `src = '${origin}'` : `srcdoc = ${JSON.stringify(FRAME).replaceAll('</', '<\\/')}`}; }, 400);`,
  });

  test('of the same origin is heard like the page around it', async () => {
    const visit = await site.visit(framing(''));
    const frame = visit.page.frameLocator('#frame');
    await frame.locator('#it').click();
    // Farther apart than the presses of a double click.
    await visit.page.waitForTimeout(700);
    await frame.locator('#dead').click();
    await visit.page.waitForTimeout(2700);
    const [answered, dead, ...more] = await told(visit, 'click');
    expect(more).toEqual([]);
    expect(answered).toMatchObject({ el: { sel: 'button#it', label: 'Pay', click: true } });
    expect(answered?.after?.mut).toBeLessThan(2500);
    expect(dead).toMatchObject({ el: { sel: 'button#dead' }, after: {}, observed: 2500 });
  });

  test('that was there before the SDK is heard by every capture', async () => {
    const visit = await site.visit({ body: '<iframe id="frame" srcdoc="<input name=street>"></iframe>' });
    const input = visit.page.frameLocator('#frame').locator('input');
    await input.waitFor();
    await visit.page.evaluate(() => {
      const { irk } = window as never as { irk: { stop(): void; init(options: object): void } };
      irk.stop();
      irk.init({ ...document.querySelector('script')?.dataset });
    });
    await input.fill('Sample');
    await input.blur();
    // Before the page is left, which would end the visit to the field as well.
    const [field] = await visit.arrived('field');
    expect(field).toMatchObject({ el: { sel: 'input[name=street]' }, edits: 1 });
    await told(visit, 'page');
  });

  test('that asks a server, or fails, is answered and told like the page', async () => {
    const visit = await site.visit({ body: '<iframe id="frame" width="400" height="200"></iframe>' });
    const buttons = {
      fetches: `fetch('/slow')`,
      asks: `const x = new XMLHttpRequest(); x.open('GET', '/status/500'); x.send()`,
      opens: `confirm('Sure?')`,
      throws: `throw new RangeError('in a frame')`,
      nothing: '',
    };
    const body = Object.entries(buttons).map(([name, code]) => `<button id="${name}" onclick="${code}">Go</button>`);
    // Twice: of the first document nothing must be left.
    for (const document of ['<p>Before</p>', body.join('')]) {
      await visit.page.evaluate((html) => {
        (globalThis as never as { frame: HTMLIFrameElement }).frame.srcdoc = html;
      }, document);
      await visit.page.waitForTimeout(500);
    }
    for (const name of Object.keys(buttons)) {
      await visit.page.frameLocator('#frame').locator(`#${name}`).click();
      await visit.page.waitForTimeout(2600);
    }
    expect(visit.noise.splice(0).join()).toMatch(/500.*in a frame/);
    const clicks = await told(visit, 'click');
    expect(clicks.map(({ el, after }) => [el?.sel, Object.keys(after ?? {})])).toEqual([
      ['button#fetches', ['req']],
      ['button#asks', ['req']],
      ['button#opens', ['dlg']],
      ['button#throws', []],
      ['button#nothing', []],
    ]);
    // The first is not answered before the page is left.
    expect(visit.events('request').map(({ url, status }) => [url, status])).toEqual([
      ['/status/:id', 500],
      ['/slow', 0],
    ]);
    expect(visit.events('error').map(({ message }) => message)).toEqual(['RangeError: in a frame']);
  });

  test('within a frame is heard, whenever it came', async () => {
    const inner = (name: string) =>
      JSON.stringify(`<iframe id=${name} srcdoc='${FRAME.replaceAll("'", '"')}'></iframe>`).replaceAll('</', '<\\/');
    const visit = await site.visit({
      body: '<iframe id="outer" width="500" height="400"></iframe>',
      script: `outer.srcdoc = ${inner('early')};
        outer.onload = () => setTimeout(() => outer.contentDocument.body.insertAdjacentHTML('beforeend', ${inner('late')}), 1500);`,
    });
    for (const name of ['#early', '#late']) {
      await visit.page.frameLocator('#outer').frameLocator(name).locator('#it').click();
      await visit.page.waitForTimeout(2700);
    }
    const clicks = await told(visit, 'click');
    expect(clicks.map(({ el, after }) => [el?.sel, !!after?.mut])).toEqual([
      ['button#it', true],
      ['button#it', true],
    ]);
  });

  test('that reports for itself once it has begun to is not reported twice', async () => {
    const visit = await site.visit({
      body: '<iframe id="frame" src="/plain"></iframe>',
    });
    const title = visit.page.frameLocator('#frame').locator('h1');
    await title.click();
    await visit.page.evaluate(() => {
      const { contentDocument } = document.querySelector('iframe') as HTMLIFrameElement;
      const tag = contentDocument?.createElement('script') as HTMLScriptElement;
      tag.src = '/sdk/irk.js';
      Object.assign(tag.dataset, document.querySelector('script')?.dataset);
      contentDocument?.head.append(tag);
    });
    await visit.page.waitForTimeout(700);
    await title.click();
    await visit.page.waitForTimeout(2700);
    const clicks = await told(visit, 'click');
    expect(new Set(clicks.map(({ page }) => page)).size).toBe(2);
    expect(clicks).toHaveLength(2);
  });

  test('that is masked or ignored masks and ignores what is in it', async () => {
    for (const mark of ['mask', 'ignore']) {
      const visit = await site.visit(framing(`data-irk-${mark}`));
      await visit.page.frameLocator('#frame').locator('#it').click();
      const clicks = await told(visit, 'click');
      expect(clicks.map(({ el }) => el?.label)).toEqual(mark === 'mask' ? [undefined] : []);
    }
  });

  test('of another origin tells only that the focus went there', async () => {
    const visit = await site.visit(framing('', `${site.origin.replace('127.0.0.1', 'localhost')}/plain`));
    await visit.page.frameLocator('#frame').locator('h1').click();
    expect(await told(visit, 'click')).toEqual([]);
  });
});

describe.concurrent('vitals', () => {
  test('a slow interaction is told once, with its element', async () => {
    const visit = await site.visit({
      body: '<button id="it">Sort</button><input id="q"><button id="ok">Fast</button>',
      script: `const block = () => { for (const end = performance.now() + 350; performance.now() < end;); };
        it.onclick = block; q.onkeydown = block;`,
    });
    await visit.page.click('#it');
    await visit.page.waitForTimeout(300);
    await visit.page.press('#q', 'a');
    await visit.page.waitForTimeout(300);
    await visit.page.click('#ok');
    await visit.page.waitForTimeout(300);
    const slow = (await told(visit, 'interaction')).filter(({ el }) => el?.sel !== 'button#ok');
    expect(slow.map(({ el, how }) => [el?.sel, how])).toEqual([
      ['button#it', 'pointer'],
      ['input#q', 'key'],
    ]);
    expect(slow[0]?.dur).toBeGreaterThanOrEqual(350);
  });

  test('a slow interaction that removes what was clicked is told with it, too', async () => {
    const visit = await site.visit({
      body: '<div id="app"><button id="it">Open</button></div>',
      script: `it.onclick = () => {
        const end = performance.now() + 400; while (performance.now() < end);
        app.innerHTML = '<p>Opened</p>';
      }`,
    });
    await visit.page.click('#it');
    await visit.page.waitForTimeout(1000);
    const [interaction, ...more] = await told(visit, 'interaction');
    expect(more).toEqual([]);
    expect(interaction).toMatchObject({ how: 'pointer', el: { sel: 'button#it' } });
    expect(interaction?.dur).toBeGreaterThanOrEqual(400);
  });

  test('a click on what a layout shift has moved tells how far', async () => {
    const visit = await site.visit({
      body: '<div id="ad"></div><div><button id="it">Buy</button></div><button id="far">Close</button>',
      // A banner that slides in moves it a little with every frame.
      script: `window.shift = async () => {
          shifted = performance.now();
          for (let n = 0; n < 6; n++) {
            ad.style.height = ad.offsetHeight + 10 + 'px';
            await new Promise(requestAnimationFrame);
          }
        };
        it.onclick = () => { late = performance.now() - shifted; }`,
    });
    const painted = () =>
      visit.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    const box = await visit.page.locator('#it').boundingBox();
    let tries = 0;
    // A busy machine may click later than 500 ms after the shift: then both happen again.
    do {
      tries++;
      // What follows an input within 500 ms is its answer, and no shift.
      await visit.page.waitForTimeout(700);
      await visit.page.evaluate('shift()');
      await painted();
      await visit.page.mouse.click((box?.x ?? 0) + 5, (box?.y ?? 0) + 5 + 60 * tries);
    } while (tries < 8 && (await visit.page.evaluate<number>('late')) > 450);
    await visit.page.waitForTimeout(700);
    await visit.page.click('#far');
    const [moved, still] = (await told(visit, 'click')).slice(tries - 1);
    expect(moved).toMatchObject({ el: { sel: 'button#it' }, shift: 60 });
    expect(moved?.shiftAgo).toBeLessThan(500);
    expect(still).not.toHaveProperty('shift');
  });

  test('a click in a long list whose first rows a layout shift has moved tells how far', async () => {
    const visit = await site.visit({
      body: `<style>td, td > * { height: 36px; padding: 0 }</style><table id="orders"></table>`,
      script: `for (let n = 0; n < 9; n++) orders.insertRow().innerHTML = '<td><button>Ship</button></td>';
        window.shift = () => { shifted = performance.now(); orders.insertRow(0).innerHTML = '<td>New</td>'; };
        onclick = () => { late = performance.now() - shifted; }`,
    });
    const box = await visit.page.locator('button').last().boundingBox();
    let tries = 0;
    // As above.
    do {
      tries++;
      await visit.page.waitForTimeout(700);
      await visit.page.evaluate('shift()');
      await visit.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
      await visit.page.mouse.click((box?.x ?? 0) + 5, (box?.y ?? 0) + 10);
    } while (tries < 8 && (await visit.page.evaluate<number>('late')) > 450);
    const clicks = await told(visit, 'click');
    expect(clicks.at(-1)?.shift).toBeGreaterThanOrEqual(36);
  });
});

describe.concurrent('coming and going', () => {
  test('a page that was opened in the background has not been left', async () => {
    const visit = await site.visit({
      body: '<p>Shop</p>',
      before: `Object.defineProperty(document, 'hidden', { value: true, configurable: true })`,
    });
    await visit.page.evaluate(() => {
      Object.defineProperty(document, 'hidden', { value: false });
      document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
    });
    await told(visit, 'leave');
    expect(visit.events().map(({ type }) => type)).toEqual(['page', 'return', 'leave']);
  });

  test('a page that was hidden and is shown again tells for how long', async () => {
    const visit = await site.visit({ body: '<p>Shop</p>' });
    const hide = (hidden: boolean) =>
      visit.page.evaluate((value) => {
        Object.defineProperty(document, 'hidden', { value, configurable: true });
        document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
      }, hidden);
    await hide(true);
    await visit.page.waitForTimeout(200);
    await hide(false);
    await told(visit, 'leave');
    const order = visit.events().filter(({ type }) => type === 'leave' || type === 'return');
    expect(order.map(({ type }) => type)).toEqual(['leave', 'return', 'leave']);
    expect(order[1]?.dur).toBeGreaterThanOrEqual(200);
  });
});

describe.concurrent('nobody at the page any more', () => {
  test('is told as leaving, with the field that was still being filled in, and again when somebody came back', async () => {
    const visit = await site.visit({
      body: '<form><input name="street"></form>',
      // Half an hour has passed when the test says so.
      before: `const later = window.setTimeout;
        window.setTimeout = (f, ms, ...a) => (ms > 1e6 ? ((window.idle = f), -1) : later(f, ms, ...a))`,
    });
    await visit.page.click('input');
    await visit.page.keyboard.type('Sample');
    await visit.page.evaluate('idle()');
    await visit.arrived('leave');
    const [field] = await visit.arrived('field');
    expect(field?.edits).toBe(2);
    await visit.page.click('body');
    await visit.page.goto('about:blank');
    expect(await visit.arrived('leave', 2)).toHaveLength(2);
  });
});

describe.concurrent('requests', () => {
  test('that succeed are told if somebody waits for them, and polls are not', async () => {
    const visit = await site.visit({
      body: '<button id="it">Pay</button>',
      script: `it.onclick = () => fetch('/status/200?card=1', { method: 'post' });
        setInterval(() => fetch('/file'), 200);`,
    });
    // Long enough to know that nobody waits for the poll.
    await visit.page.waitForTimeout(3500);
    await visit.page.click('#it');
    await visit.page.waitForTimeout(800);
    const requests = await told(visit, 'request');
    expect(requests.map(({ method, url, status }) => [method, url, status])).toEqual([['POST', '/status/:id', 200]]);
    expect(requests[0]?.dur).toBeGreaterThanOrEqual(0);
  });

  test('whose answer is hidden from the page are none that failed', async () => {
    const visit = await site.visit({
      body: '<form id="f"><button id="it">Send</button></form>',
      script: `f.onsubmit = (event) => {
        event.preventDefault();
        fetch('${site.origin.replace('127.0.0.1', 'localhost')}/status/200', { method: 'post', mode: 'no-cors' });
        fetch('/status/302', { redirect: 'manual' });
      }`,
    });
    await visit.page.click('#it');
    await visit.page.waitForTimeout(800);
    expect((await told(visit, 'request')).map(({ url, status }) => [url, status])).toEqual([]);
    expect(visit.events('submit').map(({ after, status }) => [Object.keys(after ?? {}), status])).toEqual([
      [['req'], undefined],
    ]);
  });

  test('give their status to the latest submit, not to those before', async () => {
    const visit = await site.visit({
      body: '<form id="f"><button id="it">Send</button></form>',
      script: `let n = 0; f.onsubmit = (event) => {
        event.preventDefault();
        fetch('/status/' + [200, 422][n++], { method: 'post' });
      }`,
    });
    await visit.page.click('#it');
    await visit.page.waitForTimeout(700);
    await visit.page.click('#it');
    await visit.page.waitForTimeout(700);
    await told(visit, 'submit');
    expect(visit.events('submit').map(({ status }) => status)).toEqual([200, 422]);
  });

  test('that leaving the page cuts short have not failed', async () => {
    const visit = await site.visit({
      body: '<p>Shop</p>',
      script: `const ask = () => fetch('/slow').then(ask, ask); ask();
        const x = new XMLHttpRequest(); x.open('GET', '/slow'); x.send();`,
    });
    await visit.page.waitForTimeout(300);
    expect(await told(visit, 'request')).toEqual([]);
  });

  test('that the page waits for are told, and answer', async () => {
    const visit = await site.visit({
      body: '<button id="it">Pay</button>',
      script: `it.onclick = () => { const x = new XMLHttpRequest(); x.open('POST', '/status/500', false); x.send(); }`,
    });
    await visit.page.click('#it');
    await visit.page.waitForTimeout(2700);
    const requests = await told(visit, 'request');
    expect(requests.map(({ method, status }) => [method, status])).toEqual([['POST', 500]]);
    expect(visit.events('click')[0]?.after).toHaveProperty('req');
  });

  test('by one and the same XMLHttpRequest are told apart', async () => {
    const visit = await site.visit({
      body: '<button id="it">Pay</button>',
      script: `const x = new XMLHttpRequest();
        const ask = (url, done) => { x.open('GET', url); x.onload = done; x.send(); };
        it.onclick = () => { ask('/status/404', () => ask('/cut')); ask('/plain'); x.abort(); ask('/status/500', () => ask('/status/404')); };`,
    });
    await visit.page.click('#it');
    await visit.page.waitForTimeout(500);
    const requests = await told(visit, 'request');
    expect(requests.map(({ url, status }) => [url, status])).toEqual([
      ['/status/:id', 500],
      ['/status/:id', 404],
    ]);
  });
});
