import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answers, openSite, type PageSource, type Received, type Site, type Visit } from './site';

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());

/** Opens a page, lets `act` use it, and returns the clicks that were reported. */
async function clicksOn(source: PageSource, act: (visit: Visit) => Promise<unknown>, count = 1): Promise<Received[]> {
  const visit = await site.visit(source);
  await act(visit);
  const clicks = await visit.arrived('click', count);
  expect(visit.faults).toEqual([]);
  expect(visit.noise).toEqual([]);
  await visit.context.close();
  return clicks;
}

const press = ({ page }: Visit) => page.click('#it');

describe.concurrent('a click that nothing answers', () => {
  test('on a button is watched for 2.5 s', async () => {
    const [click] = await clicksOn({ body: '<button data-testid="pay">Pay now</button>' }, ({ page }) =>
      page.click('button'),
    );
    expect(click).toMatchObject({
      el: { sel: 'button[data-testid=pay]', role: 'button', label: 'Pay now', click: true },
      after: {},
      bg: 0,
      observed: 2500,
      ptr: 'mouse',
      detail: 1,
    });
  });

  test.each([
    ['a div with a pointer cursor', '<div id="it" style="cursor:pointer"><b>Show</b> more</div>'],
    ['a link to #', '<a id="it" href="#">Terms</a>'],
    ['a link whose navigation the app prevents', '<a id="it" href="/plain" onclick="event.preventDefault()">Terms</a>'],
    ['a label without a control', '<label id="it" style="cursor:pointer">Name</label>'],
  ])('on %s looks clickable and does nothing by itself', async (_, body) => {
    const [click] = await clicksOn({ body }, press);
    expect(click?.el?.click).toBe(true);
    expect(click?.el?.kind).toBeUndefined();
    expect(answers(click)).toEqual([]);
  });

  test('is not answered by what the user does next', async () => {
    const [dead] = await clicksOn(
      {
        body: '<button id="it">Pay now</button><button id="ok">More</button><input id="name"><p id="n">0</p>',
        script: `ok.onclick = () => { n.textContent = '1'; }`,
      },
      async ({ page }) => {
        await page.click('#it');
        // Farther apart than the presses of a double click.
        await page.waitForTimeout(700);
        await page.click('#ok');
        await page.waitForTimeout(700);
        await page.click('#name');
        await page.keyboard.type('Ann');
      },
      3,
    );
    expect(dead?.el?.label).toBe('Pay now');
    expect(answers(dead)).toEqual([]);
  });

  test('is not answered by the change event of the field that it took the focus from', async () => {
    const [dead] = await clicksOn(
      { body: '<input id="name"><button id="it">Pay now</button>' },
      async ({ page }) => {
        await page.click('#name');
        await page.keyboard.type('Ann');
        // Farther apart than the presses of a double click.
        await page.waitForTimeout(700);
        await page.click('#it');
      },
      2,
    ).then((clicks) => clicks.filter(({ el }) => el?.label === 'Pay now'));
    expect(dead?.observed).toBe(2500);
    expect(answers(dead)).toEqual([]);
  });

  test('is told from what a busy page does by itself', async () => {
    const busy = (handler: string) => ({
      body: '<button id="it">Refresh</button><ul id="list"></ul><p id="out">-</p>',
      script: `for (let i = 0; i < 40; i++) list.append(document.createElement('li'));
        setInterval(() => { for (const li of list.children) li.textContent = Math.random(); }, 50); ${handler}`,
    });
    const act = async ({ page }: Visit) => {
      // Until the SDK has had the quiet spell in which it learns.
      await page.waitForTimeout(1800);
      await page.click('#it');
    };
    const [[broken], [healthy]] = await Promise.all([
      clicksOn(busy(''), act),
      clicksOn(busy(`it.onclick = () => setTimeout(() => { out.textContent = 'done'; }, 30);`), act),
    ]);
    expect(answers(broken)).toEqual([]);
    expect(broken?.after).toHaveProperty('bg');
    expect(broken?.bg).toBeGreaterThan(0);
    expect(healthy?.after).toHaveProperty('mut');
  });

  test('is told from what a later route does by itself', async () => {
    const clicks = await clicksOn(
      {
        body: '<button id="it">Go</button><button id="live">Live</button><p id="o"></p>',
        script: `live.onclick = () => { history.pushState({}, '', 'live'); setInterval(() => { o.textContent = Math.random(); }, 50); }`,
      },
      async (visit) => {
        await visit.page.waitForTimeout(4500);
        await visit.page.click('#live');
        await visit.page.waitForTimeout(4500);
        await press(visit);
      },
      2,
    );
    expect(clicks.map(answers)).toEqual([['nav', 'mut'], []]);
  });

  // Of fifty clocks, one ticks just when what began with the click would: nobody can tell.
  test.each([
    ['clock', 'nothing', '', []],
    ['clock', 'an answer', 'setTimeout(() => { out.textContent = 1; }, 400)', ['mut']],
    ['clock', 'a stopwatch', 'setInterval(() => { out.textContent = performance.now(); }, 100)', ['mut']],
    ['clock', 'a stream', `setTimeout(() => setInterval(() => out.append('x'), 60), 300)`, ['mut']],
    ['clock', 'a list', `setInterval(() => { if (!out.childNodes[4]) out.append('x'); }, 250)`, ['mut']],
    [
      'quiet place',
      'a film',
      'requestAnimationFrame(function next() { requestAnimationFrame(next); out.title = performance.now(); })',
      ['mut'],
    ],
    ['list', 'nothing', '', []],
    ['list', 'an answer', 'setTimeout(() => { out.textContent = 1; }, 400)', ['mut']],
    ['log', 'nothing', '', []],
  ])(
    'is told from what a page does before that is known: a %s, and %s',
    { retry: 2 },
    async (ticker, _, does, expected) => {
      const tickers: Record<string, string> = {
        clock: 'setInterval(() => { o.textContent = Math.random(); }, 50)',
        list: `for (let n = 0; n < 300; n++) list.append(document.createElement('li'));
        let step = 0; setInterval(() => { for (let n = step++ % 20; n < 300; n += 20) list.children[n].textContent = step; }, 50)`,
        log: `setInterval(() => list.append(document.createElement('li')), 100)`,
      };
      const body = '<button id="it">Go</button><p id="o"></p><div id="out"></div><ul id="list"></ul>';
      const script = `${tickers[ticker] ?? ''}; it.onclick = () => { ${does} }`;
      const [click] = await clicksOn({ body, script }, async (visit) => {
        await press(visit);
        await visit.page.waitForTimeout(5000);
      });
      expect(answers(click)).toEqual(expected);
      expect(click?.observed).toBe(2500);
    },
  );

  test('is not answered by what follows the pointer', async () => {
    const [click] = await clicksOn(
      {
        body: '<button id="it">Send</button><i id="dot" style="position:fixed;pointer-events:none">o</i>',
        script: `addEventListener('mousemove', ({ clientX }) => { dot.style.left = clientX + 'px'; })`,
      },
      async ({ page }) => {
        // Within the quiet spell in which the SDK learns.
        for (let x = 100; x < 125; x++) {
          await page.mouse.move(x, 100);
          await page.waitForTimeout(100);
        }
        await page.click('#it');
        await page.mouse.move(150, 100, { steps: 5 });
      },
    );
    expect(answers(click)).toEqual([]);
    expect(click?.after).toHaveProperty('bg');
  });

  describe.concurrent('is not answered by a carousel', () => {
    test.each([
      ['that is not known yet', 3000, 1500],
      ['that is not known yet', 4000, 1800],
      ['that is known', 3000, 13_000],
      ['that is known', 5000, 13_500],
    ])('%s and turns every %d ms, after %d ms', { retry: 2 }, async (_, period, at) => {
      const carousel = (does: string) => ({
        body: `<button id="it">Go</button><p id="out"></p><div id="show">${'<b>A lamp</b>'.repeat(6)}</div>`,
        script: `let n = 0;
          setInterval(() => { show.children[n].className = ''; n = (n + 1) % 6; show.children[n].className = 'on'; }, ${period});
          it.onclick = () => { ${does} };`,
      });
      const act = async (visit: Visit) => {
        await visit.page.waitForTimeout(at);
        await visit.page.click('#it');
        await visit.page.waitForTimeout(8700);
      };
      const [[broken], [healthy]] = await Promise.all([
        clicksOn(carousel(''), act),
        clicksOn(carousel(`setTimeout(() => { out.textContent = 'Gone'; }, 300)`), act),
      ]);
      expect(answers(broken)).toEqual([]);
      expect(answers(healthy)).toEqual(['mut']);
    });
  });

  test('is not answered by a field that a script sets to what it shows', async () => {
    const [click] = await clicksOn(
      {
        body: '<button id="it">Send</button><input id="name" value="Ada">',
        script: `it.onclick = () => { name.value = name.value; document.getElementById('name').value = 'Ada'; }`,
      },
      press,
    );
    expect(answers(click)).toEqual([]);
  });

  test('is not answered by a field that shows the time', async () => {
    const [click] = await clicksOn(
      {
        body: '<button id="it">Send</button><input id="clock" readonly>',
        script: `setInterval(() => { clock.value = performance.now(); }, 250)`,
      },
      async ({ page }) => {
        await page.waitForTimeout(2500);
        await page.click('#it');
      },
    );
    expect(answers(click)).toEqual([]);
    expect(click?.after).toHaveProperty('bg');
  });
});

describe.concurrent('a click is answered', () => {
  test.each<[name: string, kind: string, source: PageSource]>([
    [
      'by a handler that updates synchronously',
      'mut',
      { body: '<button id="it">+</button><p id="n">0</p>', script: `it.onclick = () => { n.textContent++; }` },
    ],
    [
      'by a class name alone',
      'mut',
      { body: '<button id="it">Save</button>', script: `it.onclick = () => it.classList.add('loading')` },
    ],
    [
      'by a handler on pointerdown',
      'mut',
      {
        body: '<div id="it" style="cursor:pointer">Pad</div>',
        script: `it.onpointerdown = () => { it.className = 'hit'; }`,
      },
    ],
    [
      'by a slow handler',
      'mut',
      {
        body: '<button id="it">Search</button><p id="n"></p>',
        script: `it.onclick = () => setTimeout(() => { n.textContent = 'found'; }, 1200)`,
      },
    ],
    [
      'by a keyed re-render that replaces the clicked node',
      'mut',
      {
        body: '<ul id="list"><li><button id="it">Next</button></li></ul>',
        script: `list.onclick = () => { list.innerHTML = list.innerHTML; }`,
      },
    ],
    [
      'inside an open shadow root',
      'mut',
      {
        body: '<my-card id="it"></my-card>',
        script: `const root = it.attachShadow({ mode: 'open' }); root.innerHTML = '<button>Open</button><p></p>';
          root.querySelector('button').onclick = () => { root.querySelector('p').textContent = 'open'; };`,
      },
    ],
    [
      'by a field that a script fills',
      'mut',
      { body: '<button id="it">7</button><input id="code">', script: `it.onclick = () => { code.value += '7'; }` },
    ],
    [
      'by a box that a script ticks',
      'mut',
      {
        body: '<button id="it">All</button><input type="checkbox" id="box">',
        script: `it.onclick = () => { box.checked = true; }`,
      },
    ],
    [
      'by a number that goes up by a step',
      'mut',
      { body: '<button id="it">+</button><input type="number" id="n">', script: `it.onclick = () => n.stepUp()` },
    ],
    [
      'by an animation',
      'mut',
      { body: '<button id="it">Like</button>', script: `it.onclick = () => it.animate([{ scale: 2 }], 300)` },
    ],
    [
      'by a rule of a style sheet',
      'mut',
      {
        body: '<style></style><button id="it">Dark</button>',
        script: `it.onclick = () => document.styleSheets[0].insertRule('body { color: red }')`,
      },
    ],
    [
      'by a frame that goes elsewhere',
      'mut',
      {
        body: '<button id="it">Next</button><iframe id="frame"></iframe>',
        script: `it.onclick = () => frame.contentWindow.location.replace('/plain')`,
      },
    ],
    [
      'by a form that is put back',
      'input',
      { body: '<form><input value="a"><button id="it" type="reset">Clear</button></form>' },
    ],
    [
      'by the full screen',
      'dlg',
      { body: '<button id="it">Larger</button>', script: `it.onclick = () => document.body.requestFullscreen()` },
    ],
    [
      'by silence',
      'media',
      {
        body: '<button id="it">Mute</button><video id="film"></video>',
        script: `it.onclick = () => { film.muted = true; }`,
      },
    ],
    [
      'by a request',
      'req',
      { body: '<button id="it">Pay</button>', script: `it.onclick = () => fetch('/status/200')` },
    ],
    [
      'by an XMLHttpRequest',
      'req',
      {
        body: '<button id="it">Pay</button>',
        script: `it.onclick = () => { const x = new XMLHttpRequest(); x.open('GET', '/status/200'); x.send(); }`,
      },
    ],
    [
      'by a scroll',
      'scroll',
      {
        body: '<button id="it">Up</button><div style="height:5000px"></div>',
        script: `it.onclick = () => scrollTo(0, 900)`,
      },
    ],
    [
      'by a route of a single-page app',
      'nav',
      { body: '<button id="it">Cart</button>', script: `it.onclick = () => history.pushState({}, '', 'cart')` },
    ],
    [
      'by a new window',
      'win',
      { body: '<button id="it">Help</button>', script: `it.onclick = () => { open('/plain'); }` },
    ],
    [
      'by a native dialog',
      'mut',
      { body: '<button id="it">Ask</button><dialog id="d">Sure?</dialog>', script: `it.onclick = () => d.showModal()` },
    ],
    [
      'by a popover',
      'dlg',
      { body: '<button id="it" popovertarget="menu">Menu</button><div id="menu" popover>Items</div>' },
    ],
    ['by a checkbox that changes', 'input', { body: '<input id="it" type="checkbox">' }],
    ['by a details element', 'mut', { body: '<details><summary id="it">More</summary>Text</details>' }],
    [
      'by focus that moves into a field',
      'focus',
      { body: '<button id="it">Search</button><input id="q">', script: `it.onclick = () => q.focus()` },
    ],
    [
      'by a download',
      'dl',
      {
        body: '<button id="it">Export</button><a id="file" href="/file" download></a>',
        script: `it.onclick = () => file.click()`,
      },
    ],
    [
      'by a sound',
      'media',
      { body: '<button id="it">Play</button>', script: `it.onclick = () => { new Audio().play().catch(() => {}); }` },
    ],
  ])('%s', async (_, kind, source) => {
    const [click] = await clicksOn(source, press);
    expect(Object.keys(click?.after ?? {})).toContain(kind);
  });

  test.each<[name: string, kind: string, script: string]>([
    ['by what the page puts on the clipboard', 'sel', `navigator.clipboard.writeText('A code').catch(() => {})`],
    [
      'by a sound of Web Audio',
      'media',
      `const audio = new AudioContext(); const tone = audio.createOscillator(); tone.connect(audio.destination); tone.start()`,
    ],
    [
      'by a page that hides itself',
      'vis',
      `Object.defineProperty(document, 'hidden', { value: true }); document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))`,
    ],
    ['by a question', 'dlg', `window.name = 'asked'; confirm('Sure?')`],
  ])('%s', async (_, kind, script) => {
    const [click] = await clicksOn(
      { body: '<button id="it">Go</button>', script: `it.onclick = () => { ${script} }` },
      async (visit) => {
        visit.page.on('dialog', (dialog) => dialog.accept());
        await press(visit);
      },
    );
    expect(answers(click)).toEqual([kind]);
  });

  test('by the focus that goes to a frame of another origin', async () => {
    const [click] = await clicksOn(
      {
        body: '<button id="it">Pay by card</button><iframe id="bank"></iframe>',
        script: `bank.src = location.href.replace('127.0.0.1', 'localhost'); it.onclick = () => bank.focus();`,
      },
      async (visit) => {
        await visit.page.frameLocator('#bank').locator('#it').waitFor();
        await press(visit);
      },
    );
    expect(answers(click)).toEqual(['focus']);
  });

  test('by an alert', async () => {
    const [click] = await clicksOn(
      { body: '<button id="it">Hi</button>', script: `it.onclick = () => alert('hi')` },
      async (visit) => {
        visit.page.on('dialog', (dialog) => dialog.accept());
        await press(visit);
      },
    );
    expect(answers(click)).toEqual(['dlg']);
  });

  test('once for each quick click on a stepper or a gallery', async () => {
    const clicks = await clicksOn(
      {
        body: '<button id="it">Next</button><img id="pic" alt="">',
        script: `let i = 0; it.onclick = () => { pic.alt = 'Photo ' + ++i; }`,
      },
      async (visit) => {
        for (let i = 0; i < 5; i++) await press(visit);
      },
      5,
    );
    expect(clicks.map((click) => (click.after?.mut ?? 9999) < 500)).toEqual([true, true, true, true, true]);
  });

  test('by the text that a double click selects', async () => {
    const clicks = await clicksOn(
      { body: '<p id="it">Some words to copy</p>' },
      ({ page }) => page.dblclick('#it', { position: { x: 20, y: 8 } }),
      2,
    );
    expect(clicks.map((click) => answers(click))).toEqual([['sel'], ['sel']]);
    expect(clicks[1]).toMatchObject({ detail: 2 });
    expect(clicks[0]?.el).not.toHaveProperty('click');
    expect(clicks[0]?.el).not.toHaveProperty('label');
  });

  test('by the double click that opens what its first click only selected', async () => {
    const clicks = await clicksOn(
      {
        body: '<div id="it" style="cursor:pointer;user-select:none">Report</div><p id="n"></p>',
        script: `it.ondblclick = () => { n.textContent = 'opened'; }`,
      },
      ({ page }) => page.dblclick('#it'),
      2,
    );
    expect(clicks.map((click) => answers(click))).toEqual([['mut'], ['mut']]);
  });
});

describe.concurrent('what a click does by itself is told', () => {
  test.each([
    ['link', '<a id="it" href="/plain">Terms</a>'],
    ['newtab', '<a id="it" href="/plain" target="_blank">Terms</a>'],
    ['download', '<a id="it" href="/file" download>List</a>'],
    ['external', '<a id="it" href="mailto:help@shop.example">Write to us</a>'],
    ['text', '<input id="it">'],
    ['text', '<p id="it" contenteditable>Note</p>'],
    ['select', '<select id="it"><option>S</option><option>M</option></select>'],
    ['select', '<input id="it" type="date">'],
    ['canvas', '<canvas id="it"></canvas>'],
    ['media', '<video id="it" controls width="300" height="200"></video>'],
  ])('%s: %s', async (kind, body) => {
    const [click] = await clicksOn({ body }, press);
    expect(click?.el?.kind).toBe(kind);
  });

  test('a label counts once, though the browser clicks on its control too', async () => {
    const clicks = await clicksOn(
      { body: '<label id="it"><input type="checkbox" name="news"> News</label> <button id="end">End</button>' },
      async ({ page }) => {
        await page.click('#it', { position: { x: 40, y: 8 } });
        await page.click('#end');
      },
      2,
    );
    expect(clicks.map((click) => click.el?.kind ?? click.el?.label)).toEqual(['label', 'End']);
    expect(clicks[0]?.after).toHaveProperty('input');
  });

  test('clicks by the program are not told', async () => {
    const clicks = await clicksOn(
      {
        body: '<button id="it">Real</button>',
        script: `it.click(); it.dispatchEvent(new MouseEvent('click', { bubbles: true }))`,
      },
      press,
    );
    expect(clicks).toHaveLength(1);
  });

  test('the modifier keys are told, and that most of them open a link elsewhere', async () => {
    const clicks = await clicksOn(
      { body: '<a id="it" href="#top">Terms</a>' },
      async ({ page }) => {
        await page.click('#it');
        await page.click('#it', { modifiers: ['Alt'] });
        await page.click('#it', { modifiers: ['Alt', 'Shift', 'Control', 'Meta'] });
      },
      3,
    );
    expect(clicks.map((click) => [click.mods, click.el?.kind])).toEqual([
      [undefined, 'link'],
      ['a', 'link'],
      ['acms', 'newtab'],
    ]);
  });

  test('a finger, a pen and a mouse are told apart', async () => {
    const clicks = await clicksOn(
      { body: '<button id="it" style="padding:20px">Go</button>', device: { hasTouch: true } },
      async (visit) => {
        await visit.page.tap('#it');
        const pen = await visit.context.newCDPSession(visit.page);
        const at = { x: 30, y: 30, button: 'left', clickCount: 1, pointerType: 'pen' } as const;
        await pen.send('Input.dispatchMouseEvent', { type: 'mousePressed', ...at });
        await pen.send('Input.dispatchMouseEvent', { type: 'mouseReleased', ...at });
        await press(visit);
      },
      3,
    );
    expect(clicks.map(({ ptr }) => ptr)).toEqual(['touch', 'pen', 'mouse']);
  });

  test('Enter on a button is a click without a pointer', async () => {
    const [click] = await clicksOn({ body: '<button id="it">Go</button>' }, ({ page }) => page.press('#it', 'Enter'));
    expect(click).toMatchObject({ detail: 0, el: { label: 'Go' } });
    expect(click).not.toHaveProperty('ptr');
  });
});
