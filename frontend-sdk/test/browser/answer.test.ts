import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answers, openSite, type PageSource, type Received, type Site, type Visit } from './site';

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());

/** The events of a type that came of what was done on a page. */
async function told(source: PageSource, type: string, act: (visit: Visit) => Promise<unknown>): Promise<Received[]> {
  const visit = await site.visit(source);
  await act(visit);
  await visit.leave();
  expect(visit.faults).toEqual([]);
  await visit.context.close();
  return visit.events(type);
}
const press = ({ page }: Visit) => page.click('#it');
const pressAndWait = async (visit: Visit) => {
  await press(visit);
  await visit.page.waitForTimeout(2700);
};
const GO = '<button id="it">Go</button>';
/** Draws with each frame for so long, and tells how much of it is over. */
const RUN = `const run = (ms, draw) => { const start = performance.now();
  requestAnimationFrame(function next(at) { const part = Math.min(1, Math.max(0, (at - start) / ms)); draw(part); if (part < 1) requestAnimationFrame(next); }); };`;

describe.concurrent('a click is answered', () => {
  test.each<[string, string, PageSource]>([
    [
      'in the shadow root of another element',
      'mut',
      {
        body: `${GO}<x-list id="list"></x-list>`,
        script: `const root = list.attachShadow({ mode: 'open' }); root.innerHTML = '<p>0</p>';
          it.onclick = () => { root.firstChild.textContent = '1'; };`,
      },
    ],
    [
      'in a shadow root inside another that was made later',
      'mut',
      {
        body: `${GO}<x-app id="app"></x-app>`,
        script: `setTimeout(() => {
            const root = app.attachShadow({ mode: 'open' }); root.innerHTML = '<x-list></x-list>';
            const inner = root.firstChild.attachShadow({ mode: 'closed' }); inner.innerHTML = '<p>0</p>';
            it.onclick = () => { inner.firstChild.textContent = '1'; };
          }, 1200)`,
      },
    ],
    [
      'in a frame',
      'mut',
      {
        body: `${GO}<iframe id="frame" srcdoc="<p>0</p>"></iframe>`,
        script: `it.onclick = () => { frame.contentDocument.body.textContent = '1'; }`,
      },
    ],
    [
      'by a picker',
      'dlg',
      { body: `${GO}<input type="date" id="day">`, script: `it.onclick = () => day.showPicker()` },
    ],
    [
      'by the pointer that the page takes',
      'dlg',
      { body: GO, script: `it.onclick = () => { it.requestPointerLock(); }` },
    ],
    [
      'by a file picker that a script opens',
      'dlg',
      {
        body: GO,
        script: `const file = Object.assign(document.createElement('input'), { type: 'file' });
          it.onclick = () => file.click();`,
      },
    ],
    [
      'by another tab, to which a link leads that is in no document',
      'win',
      {
        body: GO,
        script: `const link = Object.assign(document.createElement('a'), { href: '/plain', target: '_blank' });
          it.onclick = () => link.click();`,
      },
    ],
    [
      'by another program',
      'nav',
      { body: GO, script: `it.onclick = () => { location.href = 'mailto:ada@example.com'; }` },
    ],
    [
      'by a question of the browser for leave',
      'dlg',
      { body: GO, script: `it.onclick = () => navigator.geolocation.getCurrentPosition(() => {})` },
    ],
    [
      'by a voice',
      'media',
      { body: GO, script: `it.onclick = () => speechSynthesis.speak(new SpeechSynthesisUtterance('Hello'))` },
    ],
    [
      'over a socket',
      'req',
      { body: GO, script: `const socket = new WebSocket('ws://localhost:9'); it.onclick = () => socket.send('like')` },
    ],
    [
      'on a canvas',
      'mut',
      {
        body: `${GO}<canvas id="map"></canvas>`,
        script: `const pen = map.getContext('2d'); it.onclick = () => pen.fillRect(0, 0, 9, 9)`,
      },
    ],
    [
      'on a canvas in the next frame, by WebGL, in a shadow root',
      'mut',
      {
        body: `${GO}<x-map id="map"></x-map>`,
        script: `setTimeout(() => {
            const canvas = document.createElement('canvas');
            map.attachShadow({ mode: 'open' }).append(canvas);
            const gl = canvas.getContext('webgl2') ?? canvas.getContext('2d');
            it.onclick = () => requestAnimationFrame(() => gl.clear ? gl.clear(gl.COLOR_BUFFER_BIT) : gl.clearRect(0, 0, 9, 9));
          }, 1200)`,
      },
    ],
    [
      'by a style sheet that is switched off',
      'mut',
      {
        head: '<style>body { color: red }</style>',
        body: GO,
        script: `it.onclick = () => { document.styleSheets[0].disabled = true; }`,
      },
    ],
    [
      'by a style sheet that is adopted',
      'mut',
      { body: GO, script: `it.onclick = () => { document.adoptedStyleSheets = [new CSSStyleSheet()]; }` },
    ],
    [
      'by an animation that plays anew',
      'mut',
      {
        body: GO,
        script: `const shake = it.animate([{ scale: 2 }], 300); it.onclick = () => shake.play()`,
      },
    ],
    ['by sound that stops', 'media', { body: GO, script: `const song = new Audio(); it.onclick = () => song.pause()` }],
    [
      'by an animation that pauses',
      'mut',
      {
        body: `${GO}<p id="wheel">O</p>`,
        script: `const spin = wheel.animate([{ rotate: '9deg' }], { duration: 900, iterations: 1e3 }); it.onclick = () => spin.pause()`,
      },
    ],
    [
      'by a menu that the focus alone shows',
      'mut',
      {
        head: '<style>#menu { visibility: hidden; opacity: 0; transition: all .2s } :focus-within > #menu { visibility: visible; opacity: 1 }</style>',
        body: '<div><div id="it" tabindex="0" role="button"><b>Menu</b></div><ul id="menu"><li>Orders</li></ul></div>',
      },
    ],
    [
      'by a menu in what has the focus',
      'mut',
      {
        head: '<style>#it > ul { display: none } #it:focus > ul { display: block }</style>',
        body: '<div id="it" tabindex="0" style="cursor: pointer"><b>Menu</b><ul><li>Orders</li></ul></div>',
      },
    ],
    [
      'in a closed shadow root that was made at once',
      'mut',
      {
        body: `${GO}<x-app id="app"></x-app>`,
        script: `setTimeout(() => {
            const root = app.attachShadow({ mode: 'closed' }); root.innerHTML = '<p>0</p>';
            it.onclick = () => { root.firstChild.textContent = '1'; };
          }, 200)`,
      },
    ],
    [
      'by a menu that only fades in',
      'mut',
      {
        head: '<style>#menu { opacity: 0 } :focus-within > #menu { opacity: 1 }</style>',
        body: '<div><div id="it" tabindex="0" role="button">Menu</div><ul id="menu"><li>Orders</li></ul></div>',
      },
    ],
    [
      'by closing what is shown as the target of the address',
      'nav',
      {
        head: '<style>#box { visibility: hidden } #box:target { visibility: visible }</style>',
        body: '<div id="box"><a id="it" href="#">Close</a></div>',
        script: `location.hash = 'box'`,
      },
    ],
    [
      'by sound that is suspended',
      'media',
      { body: GO, script: `const sound = new AudioContext(); it.onclick = () => { sound.suspend(); }` },
    ],
    [
      'by the question for a passkey',
      'dlg',
      { body: GO, script: `it.onclick = () => { navigator.credentials.get({}).catch(() => {}); }` },
    ],
    [
      'by a class that is taken and given anew',
      'mut',
      {
        body: '<button id="it" class="shake">Go</button>',
        script: `it.onclick = () => { it.classList.remove('shake'); it.offsetWidth; it.classList.add('shake'); }`,
      },
    ],
    [
      'by "bold" in an editor, of what is written next',
      'sel',
      {
        body: `${GO}<p id="text" contenteditable>Dear Ann</p>`,
        script: `text.focus(); it.onmousedown = (e) => e.preventDefault(); it.onclick = () => document.execCommand('bold')`,
      },
    ],
    [
      'by a sheet of styles that is switched off',
      'mut',
      {
        head: '<style id="dark">body { background: black }</style>',
        body: GO,
        script: `it.onclick = () => { dark.disabled = true; }`,
      },
    ],
    [
      'by a date that a script sets',
      'mut',
      { body: `${GO}<input type="date" id="day">`, script: `it.onclick = () => { day.valueAsDate = new Date(); }` },
    ],
  ])('%s', async (_, kind, source) => {
    const [click] = await told(source, 'click', async (visit) => {
      await visit.page.waitForTimeout(1500);
      await pressAndWait(visit);
    });
    expect(answers(click)).toContain(kind);
  });

  test('but not by what goes on by itself in the shadow root of another element', async () => {
    const clicks = await told(
      {
        body: `${GO}<x-list id="list"></x-list>`,
        script: `const root = list.attachShadow({ mode: 'open' }); root.innerHTML = '<p>0</p>';
          setInterval(() => { root.firstChild.textContent = Date.now(); }, 250);`,
      },
      'click',
      async (visit) => {
        await visit.page.waitForTimeout(4000);
        await pressAndWait(visit);
      },
    );
    expect(clicks.map(answers)).toEqual([[]]);
  });

  test.each([
    [
      'by a canvas that is painted all the time',
      `${GO}<canvas id="map"></canvas>`,
      `const pen = map.getContext('2d'); setInterval(() => pen.fillRect(0, 0, 9, 9), 100)`,
    ],
    [
      'by a socket that beats',
      GO,
      `const socket = new WebSocket('ws://localhost:9'); setInterval(() => socket.send('beat'), 400)`,
    ],
    [
      'by the ripple that every button has',
      GO,
      `it.onmousedown = () => { const drop = document.createElement('i'); drop.className = 'TouchRipple-child';
        it.append(drop); setTimeout(() => drop.remove(), 500); it.dataset.pressed = 'yes'; }`,
    ],
    [
      'by a menu that every click closes, though it is closed',
      `${GO}<div id="menu" class="menu" aria-expanded="false" hidden></div>`,
      `onclick = () => { menu.classList.remove('open'); menu.setAttribute('aria-expanded', 'false'); menu.hidden = true; }`,
    ],
    [
      'by the ripple that a library ends itself',
      GO,
      `it.onmousedown = () => { const drop = document.createElement('span'); drop.className = 'lib-ripple'; it.append(drop);
        const fade = drop.animate([{ opacity: 1 }, { opacity: 0 }], 900); setTimeout(() => fade.finish(), 600); }`,
    ],
    [
      'by the ripple in the shadow root of a library',
      '<div id="it" role="button">Go <md-ripple id="ripple"></md-ripple></div>',
      `const root = ripple.attachShadow({ mode: 'open' }); root.innerHTML = '<div class="surface"></div>';
        it.onpointerdown = () => root.firstChild.classList.add('pressed');`,
    ],
    [
      'by the focus that it has, as libraries show it',
      GO,
      `it.onfocus = () => it.classList.add('ion-focused'); it.onmousedown = () => it.classList.add('ion-activated')`,
    ],
    [
      'by the wave of Ant Design',
      '<button id="it" class="ant-btn">Go</button>',
      `it.onclick = () => setTimeout(() => {
        const holder = document.createElement('div'); holder.style.position = 'absolute'; it.prepend(holder);
        setTimeout(() => { holder.innerHTML = '<div class="ant-wave"></div>'; setTimeout(() => holder.remove(), 400); }, 9);
      })`,
    ],
    [
      'by the wave of Naive UI',
      '<button id="it">Go <i id="wave" class="n-base-wave"></i></button>',
      `it.onclick = () => { wave.className += ' n-base-wave--active'; }`,
    ],
    [
      'by the press of React Aria',
      '<button id="it" style="color: red">Go</button><button id="bare">Go</button>',
      `for (const button of [it, bare]) {
        button.onpointerdown = () => { button.style.userSelect = 'none'; button.dataset.pressed = 'true'; };
        button.onclick = () => { button.style.userSelect = ''; if (!button.style.length) button.removeAttribute('style'); };
      }`,
    ],
    [
      'by the press of Headless UI',
      '<button id="it" data-headlessui-state="">Go</button>',
      `it.onpointerdown = () => { it.dataset.active = ''; it.dataset.headlessuiState = 'active hover'; };
        it.onpointerup = () => { delete it.dataset.active; it.dataset.headlessuiState = 'hover'; }`,
    ],
    [
      'by the press of Quasar, nor by a place in the order of tabs',
      '<button id="it" class="q-btn">Go<span id="helper" class="q-focus-helper"></span></button>',
      `it.onpointerdown = () => { it.classList.add('q-btn--active'); helper.tabIndex = -1; };
        it.onpointerup = () => it.classList.remove('q-btn--active')`,
    ],
    [
      'by the ink of PrimeVue, nor by the field that lost the focus',
      '<div id="field" class="el-input is-focus">Name</div><button id="it">Go<i id="ink" class="p-ink"></i></button>',
      `it.onpointerdown = () => { field.classList.remove('is-focus'); ink.dataset.pInkActive = 'true'; }`,
    ],
    [
      'by what the page looks like without the ring of the focus',
      GO,
      `onmousedown = () => document.body.classList.add('ms-Fabric--isFocusHidden')`,
    ],
    [
      'by the marks of AG Grid, and what it tells screen readers',
      `<div class="ag-row-no-focus" id="row"><div id="cell">${GO}</div></div><div class="ag-aria-description-container" id="told"></div>`,
      `onpointerdown = () => { cell.classList.toggle('ag-cell-focus'); row.className = 'ag-row-focus'; };
        onclick = () => setTimeout(() => { told.textContent = 'Press space to select'; }, 150)`,
    ],
    [
      'by what is said of the field that a press takes the focus from',
      `<input id="mail" autofocus><p id="wrong"></p>${GO}`,
      `mail.onblur = () => { wrong.textContent = 'An address is missing'; }`,
    ],
    [
      'by the state of Framework7, nor by the attribute that web components have meanwhile',
      GO,
      `onmousedown = () => { it.className = 'active-state'; it.setAttribute('active', ''); };
        onmouseup = () => { it.className = ''; it.removeAttribute('active'); }`,
    ],
    [
      'by the tooltip of Radix that a press closes',
      `<button id="it" data-state="open" aria-describedby="hint">Go</button><div id="tip"><b id="hint" role="tooltip">Hint</b></div>`,
      `it.onpointerdown = () => { it.dataset.state = 'closed'; it.removeAttribute('aria-describedby'); tip.remove(); }`,
    ],
    [
      'by what is active in a list, nor by the first look of Shoelace at a button',
      `<div id="list">${GO}</div>`,
      `it.onpointerdown = () => { list.setAttribute('aria-activedescendant', 'it'); it.dataset.pFocused = 'true'; };
        it.onclick = () => { it.dataset.userValid = ''; }`,
    ],
    ['by a link to nowhere', '<a id="it" href="#!">Go</a>', ''],
    ['by what stays hidden beside it', `<div>${GO}<p hidden>A hint</p></div>`, ''],
  ])('but not %s', async (_, body, script) => {
    const clicks = await told({ body, script }, 'click', async (visit) => {
      await visit.page.waitForTimeout(4000);
      await pressAndWait(visit);
    });
    expect(clicks.map(answers)).toEqual([[]]);
  });

  test('by what is drawn as it was once while the page started', async () => {
    const visit = await site.visit({
      body: `${GO}<canvas id="chart"></canvas><button id="again">Again</button><b id="sum">0</b>`,
      script: `${RUN} const pen = chart.getContext('2d');
        const draw = () => run(800, (part) => pen.fillRect(0, 60 - 50 * part, 30, 50));
        const count = () => run(800, (part) => { sum.textContent = Math.round(part * 500); });
        setTimeout(draw, 1200); setTimeout(count, 1200); it.onclick = draw; again.onclick = count;`,
    });
    await visit.page.waitForTimeout(11_700);
    for (const id of ['it', 'again']) {
      await visit.page.click(`#${id}`);
      await visit.page.waitForTimeout(2700);
    }
    await visit.leave();
    expect(visit.events('click').map(answers)).toEqual([['mut'], ['mut']]);
    await visit.context.close();
  });

  test('by what moves for long, each time', async () => {
    const clicks = await told(
      {
        body: `<button id="it">Next</button><div id="slides">Slides</div>`,
        script: `${RUN} let x = 0; it.onclick = () => { const from = x; x += 100;
          run(1600, (part) => { slides.style.transform = 'translateX(' + (from + 100 * part) + 'px)'; }) };`,
      },
      'click',
      async ({ page }) => {
        for (let n = 0; n < 4; n++) {
          await page.click('#it');
          await page.waitForTimeout(1900);
        }
        await page.waitForTimeout(900);
      },
    );
    expect(clicks.map(answers)).toEqual([['mut'], ['mut'], ['mut'], ['mut']]);
  });

  test('not by what the page shows of the field that is chosen next', async () => {
    const clicks = await told(
      {
        body: `${GO}<input id="field"><p id="hint"></p>`,
        script: `field.onfocus = () => { hint.className = 'shown'; }`,
      },
      'click',
      async ({ page }) => {
        await page.waitForTimeout(1500);
        await page.click('#it');
        await page.waitForTimeout(700);
        await page.click('#field');
        await page.waitForTimeout(2700);
      },
    );
    expect(clicks.map(answers)[0]).toEqual([]);
  });

  test('nor by the check of what was typed, which the press on a dead button brings about', async () => {
    const body = `<input id="mail"><p id="wrong"></p>${GO}`;
    const script = `mail.onchange = () => { wrong.textContent = 'No such address'; }`;
    const clicks = await told({ body, script }, 'click', async (visit) => {
      await visit.page.locator('#mail').pressSequentially('ann');
      await pressAndWait(visit);
    });
    expect(clicks.map(answers)).toEqual([[]]);
  });

  test('nor by what goes on in a shadow root that was made while the page was learnt', async () => {
    const body = `${GO}<x-news id="news"></x-news>`;
    const script = `setTimeout(() => {
        const root = news.attachShadow({ mode: 'open' }); root.innerHTML = '<p>0</p>';
        setInterval(() => { root.firstChild.textContent = performance.now(); }, 300);
      }, 2500)`;
    const clicks = await told({ body, script }, 'click', async (visit) => {
      await visit.page.waitForTimeout(12_000);
      await pressAndWait(visit);
    });
    expect(clicks.map(answers)).toEqual([[]]);
  }, 60_000);

  test('nor by what goes on since somebody began it, once a click has shown that', async () => {
    const body = `<button id="begin">Begin</button><p id="clock">0</p>${GO}`;
    const script = 'begin.onclick = () => setInterval(() => { clock.textContent = performance.now(); }, 250);';
    const clicks = await told({ body, script }, 'click', async (visit) => {
      // Until then, what goes on by itself is learnt unasked.
      await visit.page.waitForTimeout(12_000);
      await visit.page.click('#begin');
      for (let n = 0; n < 3; n++) await pressAndWait(visit);
    });
    expect(answers(clicks.at(-1) as never)).toEqual([]);
  }, 60_000);

  test.each([
    ['a way to write without distraction', `document.body.classList.toggle('focus-mode')`],
    ['another style beside', `it.style.cssText = 'user-select: none; color: blue'`],
    ['an active tab of its own', `it.dataset.active = 'true'`],
    ['a class of focus that a polyfill keeps on', `document.body.className = 'js-focus-visible busy'`],
    ['a new part of the page', `box.innerHTML = '<div>Here</div>'`],
    ['another class of what is named after its ripple', `it.classList.add('on')`],
    ['a state of what is named after its ripple', `it.ariaPressed = 'true'`],
    ['a picture in what is named after its ripple', `it.append(document.createElement('img'))`],
    ['a block in what has the focus', `box.append(document.createElement('ul'))`],
    ['a tab that is active from now on', `it.setAttribute('active', '')`],
    ['a state that it has from now on', `it.dataset.state = 'open'`],
    ['a hint that a click takes away', `box.firstChild.remove()`],
  ])('but by what looks like such an effect: %s', async (_, answered) => {
    const body = `${GO}<div id="box" class="ProseMirror-focused"><b role="tooltip">Hint</b></div>`;
    const named = `it.className = 'mdc-ripple-upgraded q-btn--actionable ion-activatable';`;
    const source = { body, script: `${named} it.onclick = () => { ${answered} }` };
    const clicks = await told(source, 'click', pressAndWait);
    expect(clicks.map(answers)).toEqual([['mut']]);
  });

  test('but not after the limit, though a new page is watched longer', async () => {
    const script = `it.onclick = () => setTimeout(() => { it.textContent = 'Gone'; fetch('/slow'); }, 3000)`;
    const clicks = await told({ body: GO, script }, 'click', async ({ page }) => {
      await page.click('#it');
      await page.waitForTimeout(5500);
    });
    expect(clicks.map(({ after }) => after)).toEqual([{}]);
  });

  test('by a form that is sent, where the browser tells of no navigation before its end', async () => {
    const source = {
      before: 'delete window.NavigateEvent; delete window.navigation',
      body: `<form action="/slow"><button id="it">Log in</button></form><form id="own"><button>Go</button></form>`,
      script: 'own.onsubmit = () => false',
    };
    const visit = await site.visit(source);
    await visit.page.click('#own button');
    await visit.page.waitForTimeout(2700);
    await visit.page.click('#it', { noWaitAfter: true });
    await visit.page.waitForTimeout(500);
    await visit.leave();
    expect(visit.events('click').map(answers)).toEqual([[], ['nav']]);
    expect([visit.faults, visit.noise]).toEqual([[], []]);
    await visit.context.close();
  });

  test('but not, by a key, by what an earlier press might have shown', async () => {
    const source = {
      body: `<div>${GO}<p id="hint" hidden>A hint</p></div>`,
      script: 'setTimeout(() => { hint.hidden = false; }, 7000)',
    };
    const clicks = await told(source, 'click', async (visit) => {
      await visit.page.waitForTimeout(1200);
      await pressAndWait(visit);
      await visit.page.waitForSelector('#hint', { state: 'visible' });
      await visit.page.waitForTimeout(800);
      await visit.page.press('#it', 'Enter');
      await visit.page.waitForTimeout(2700);
    });
    expect(clicks.map(answers)).toEqual([[], []]);
  });

  test('by what is dragged, for however long', async () => {
    const source = {
      body: `<div id="it" style="cursor:pointer;position:absolute;width:50px;height:50px">Here</div>`,
      script: `document.onpointermove = ({ buttons, x }) => { if (buttons) it.style.left = x - 25 + 'px'; }`,
    };
    const clicks = await told(source, 'click', async ({ page }) => {
      await page.waitForTimeout(4500);
      for (const from of [30, 380]) {
        await page.mouse.move(from, 30);
        await page.mouse.down();
        for (let n = 0; n < 35; n++) {
          await page.mouse.move(from + 10 * n, 30);
          await page.waitForTimeout(100);
        }
        await page.mouse.move(from + 350, 30);
        await page.mouse.up();
        await page.waitForTimeout(2700);
      }
    });
    expect(clicks.map(answers)).toEqual([['mut'], ['mut']]);
  });

  test('at the press, though it was learnt what goes on by itself before the release', async () => {
    const source = { body: GO, script: `it.onmousedown = () => setTimeout(() => { it.textContent = 'Gone'; }, 50)` };
    const clicks = await told(source, 'click', async ({ page }) => {
      await page.waitForTimeout(3200);
      await page.hover('#it');
      await page.mouse.down();
      await page.waitForTimeout(1600);
      await page.mouse.up();
      await page.waitForTimeout(2700);
    });
    expect(clicks.map(answers)).toEqual([['mut']]);
  });

  test('and an app that changes its path all the time is looked at once it rests', async () => {
    const visit = await site.visit({
      before: `let looks = 0;
        MutationObserver.prototype.observe = new Proxy(MutationObserver.prototype.observe, {
          apply(observe, self, args) {
            if (args[1].characterData) looks++;
            return Reflect.apply(observe, self, args);
          },
        });`,
      script: `for (let n = 0; n < 9; n++) setTimeout(() => history.pushState(null, '', location.pathname + '/' + n), 99 * n)`,
    });
    await visit.page.waitForTimeout(3000);
    expect(await visit.page.evaluate('looks')).toBe(1);
    await visit.context.close();
  });

  test('but not by the focus that a press takes to a frame', async () => {
    const body = `<iframe id="frame" srcdoc="<button>Go</button>"></iframe>`;
    const clicks = await told({ body }, 'click', async ({ page }) => {
      await page.waitForTimeout(1500);
      await page.frameLocator('#frame').locator('button').click();
      await page.waitForTimeout(2700);
    });
    expect(clicks.map(answers)).toEqual([[]]);
  });

  // As a module, it has no name on the window.
  test.each(['the script tag', 'a module'])(
    'in a frame that reports for itself with %s, by the frame alone',
    async (how) => {
      const endpoint = `data-endpoint='${site.origin}/status/200'`;
      const nameless = how === 'a module' ? '<script>delete window.irk</script>' : '';
      const tag = `<script src='/sdk/irk.js' data-key='irk_pk_test' ${endpoint}></script>${nameless}`;
      const body = `${GO}<iframe srcdoc="<button>Go</button>${tag}"></iframe>`;
      const clicks = await told({ body }, 'click', async ({ page }) => {
        await page.waitForTimeout(1500);
        await page.frameLocator('iframe').locator('button').click();
        await page.click('#it');
      });
      expect(clicks.map(({ el }) => el?.sel)).toEqual(['button#it']);
    },
  );

  test('and the page draws as if nobody looked', async () => {
    const source = {
      body: `${GO}<canvas id="map"></canvas>`,
      script: `const names = ['fillRect', 'clearRect', 'drawImage'];
        const methods = () => names.map((name) => CanvasRenderingContext2D.prototype[name]);
        const before = methods(); let during; let error; let drawn;
        it.onclick = () => {
          during = methods();
          const pen = map.getContext('2d');
          try { pen.drawImage(); } catch (e) { error = e.name; }
          pen.fillRect(0, 0, 9, 9);
          drawn = pen.getImageData(1, 1, 1, 1).data[3];
        };`,
    };
    const visit = await site.visit(source);
    await visit.page.waitForTimeout(11_500);
    await press(visit);
    const seen = await visit.page.evaluate(
      `[drawn, error, during.map((method) => method.name + method.length), during.map((method) => /native code/.test(method)), methods().every((method, n) => method === before[n])]`,
    );
    expect(seen).toEqual([255, 'TypeError', ['fillRect4', 'clearRect4', 'drawImage3'], [true, true, true], true]);
    await visit.context.close();
  });

  test('by what the browser says of a field that Enter would send', async () => {
    const clicks = await told(
      { body: '<form><input id="mail" type="email"><button>Go</button></form>' },
      'click',
      async ({ page }) => {
        await page.focus('#mail');
        await page.keyboard.type('x');
        await page.keyboard.press('Enter');
        await page.waitForTimeout(2700);
      },
    );
    expect(clicks.map(answers)).toEqual([['dlg']]);
  });

  test('not by an app that only asks whether a form is valid', async () => {
    const body = `<form id="form"><input required></form>${GO}`;
    const [click] = await told({ body, script: 'it.onclick = () => form.checkValidity()' }, 'click', pressAndWait);
    expect(answers(click)).toEqual([]);
  });

  test('not by what follows the pointer, or the page', async () => {
    const clicks = await told(
      {
        body: `${GO}<div style="height:4000px"></div>`,
        script: `it.onmouseleave = () => it.classList.add('left');
          addEventListener('scroll', () => document.body.classList.add('down'));`,
      },
      'click',
      async (visit) => {
        await press(visit);
        await visit.page.mouse.move(300, 300, { steps: 3 });
        await visit.page.waitForTimeout(600);
        await visit.page.mouse.wheel(0, 500);
        await visit.page.waitForTimeout(2200);
      },
    );
    expect(clicks.map(answers)).toEqual([[]]);
  });

  test('not by the link that is clicked next', async () => {
    const body = `${GO}<a id="link" href="#p">There</a><p id="p">Text</p>`;
    const clicks = await told({ body }, 'click', async (visit) => {
      await press(visit);
      await visit.page.waitForTimeout(900);
      await visit.page.click('#link');
      await visit.page.waitForTimeout(2700);
    });
    expect(clicks.map(answers)).toEqual([[], ['nav']]);
  });
});

describe.concurrent('an element', () => {
  test('that is chosen already, a handle, or cannot be used, changes nothing by itself', async () => {
    const body = `<input type="radio" id="a" checked><input type="range" id="b">
      <input type="checkbox" id="c" onclick="return false"><a id="d" href="/" aria-current="page" onclick="return false">Home</a>
      <button id="e" role="tab" aria-selected="true">All</button><button id="f" role="tab" aria-selected="false">New</button>
      <button id="g" aria-pressed="true">Week</button><li aria-current="page"><a id="h" href="/" onclick="return false">1</a></li>
      <p id="i" role="option" aria-selected="true">A mail</p><button id="j" aria-current="step">2</button><button id="k" aria-current="false">3</button>
      <a id="l" role="button" href="#" aria-disabled="true">+</a>`;
    const clicks = await told({ body }, 'click', async ({ page }) => {
      for (const id of 'abcdefghijkl') await page.click(`#${id}`, { force: true });
    });
    expect(clicks.filter(({ el }) => el?.kind !== 'select').map(({ el }) => el?.sel)).toEqual([
      'input#c',
      'button#f',
      'button#k',
    ]);
  });

  test('that is dragged is no button, whatever its role', async () => {
    const body = '<div id="it" role="button" tabindex="0" draggable="false">Write tests</div>';
    const [click] = await told({ body }, 'click', press);
    expect(click?.el?.click).toBeUndefined();
  });

  test('of somebody’s own has a type of its own', async () => {
    const body = '<x-item style="cursor:pointer" id="it">Open</x-item>';
    const [click] = await told({ body, script: `it.type = 'normal'` }, 'click', press);
    expect(click?.el).toMatchObject({ click: true });
    expect(click?.el?.kind).toBeUndefined();
  });

  test('does not look clickable because the whole page does', async () => {
    const source = { head: '<style>body { cursor: pointer }</style>', body: '<p id="it">Dear Ann</p>' };
    const [text] = await told(source, 'click', press);
    expect(text?.el).toEqual({ sel: 'p#it' });
  });

  test('is told apart from others of its name, if it is in a shadow root', async () => {
    const button = '<template shadowrootmode="open"><button id="button">x</button></template>';
    const body = `<x-button id="save">${button}</x-button><x-button id="drop">${button}</x-button>`;
    const clicks = await told({ body }, 'click', async ({ page }) => {
      for (const host of ['save', 'drop']) await page.locator(`#${host} button`).click();
    });
    expect(clicks.map(({ el }) => el?.sel)).toEqual(['x-button#save > button#button', 'x-button#drop > button#button']);
  });

  test('is told apart from others of its name, if it is a field', async () => {
    const row = '<li data-testid="row"><input name="quantity"></li>';
    const body = `<p><input name="code"><input name="code"></p><input name="city"><ul>${row}${row}</ul>`;
    const fields = await told({ body }, 'field', async ({ page }) => {
      for (const index of [0, 1, 2, 3, 4]) await page.locator('input').nth(index).fill('1');
    });
    expect(fields.map(({ el }) => el?.sel)).toEqual([
      'body > p:nth-child(1) > input:nth-child(1)',
      'body > p:nth-child(1) > input:nth-child(2)',
      'input[name=city]',
      'body > ul:nth-child(3) > li:nth-child(1) > input:nth-child(1)',
      'body > ul:nth-child(3) > li:nth-child(2) > input:nth-child(1)',
    ]);
  });

  test('is not named by what React numbers', async () => {
    const body = '<button id="radix-_r_1_">Go</button>';
    const [click] = await told({ body }, 'click', ({ page }) => page.click('button'));
    expect(click?.el?.sel).toBe('body > button:nth-child(1)');
  });
});

describe.concurrent('a form', () => {
  test.each([
    [`await fetch('/status/204'); await fetch('/status/422', { method: 'POST' })`, 422],
    [
      `fetch('/status/200', { method: 'POST' }); await new Promise((r) => setTimeout(r, 200)); fetch('/status/422', { method: 'POST' })`,
      422,
    ],
    [`await fetch('/status/200', { method: 'POST' }); fetch('/status/404')`, 200],
  ])('tells the status of what carried it: %s', async (send, status) => {
    const submits = await told(
      {
        body: `<form id="f"><input name="u">${GO}</form>`,
        script: `f.onsubmit = async (e) => { e.preventDefault(); ${send} }`,
      },
      'submit',
      async (visit) => {
        await press(visit);
        await visit.page.waitForTimeout(1000);
      },
    );
    expect(submits.map((submit) => submit.status)).toEqual([status]);
  });

  test('does not tell that of a poll', async () => {
    const [submit] = await told(
      {
        body: `<form id="f"><input id="u">${GO}</form>`,
        script: `setInterval(() => fetch('/status/404', { method: 'PUT' }), 250);
          f.onsubmit = (e) => { e.preventDefault(); setTimeout(() => fetch('/status/200', { method: 'POST' }), 400); }`,
      },
      'submit',
      async (visit) => {
        await visit.page.waitForTimeout(2000);
        await press(visit);
        await visit.page.waitForTimeout(1500);
      },
    );
    expect(submit?.status).toBe(200);
  });

  test('that a script sends is told once', async () => {
    const submits = await told(
      {
        body: `<form id="f" action="/plain"><input name="u"></form><a id="it" href="javascript:f.submit()">Save</a>`,
      },
      'submit',
      async (visit) => {
        await press(visit);
        await visit.page.waitForURL('**/plain*');
        await visit.page.goto(visit.url);
      },
    );
    expect(submits.map(({ how, el }) => [how, el?.sel])).toEqual([['submit', 'form#f']]);
  });

  test('that a script sends on, once somebody has sent it, is told once', async () => {
    const submits = await told(
      {
        body: `<form id="f" action="/plain"><input name="u">${GO}</form>`,
        script: `f.onsubmit = (e) => { e.preventDefault(); setTimeout(() => f.submit(), 300); }`,
      },
      'submit',
      async (visit) => {
        await press(visit);
        await visit.page.waitForURL('**/plain*');
        await visit.page.goto(visit.url);
      },
    );
    expect(submits).toHaveLength(1);
  });

  test('that an app empties was not emptied by anybody', async () => {
    const [field] = await told(
      {
        body: '<textarea id="m"></textarea>',
        script: `m.onkeydown = (e) => {
          if (e.key !== 'Enter') return;
          e.preventDefault();
          m.value = '';
          m.dispatchEvent(new Event('input', { bubbles: true }));
        }`,
      },
      'field',
      async ({ page }) => {
        await page.focus('#m');
        for (let i = 0; i < 3; i++) {
          await page.keyboard.type('hi');
          await page.keyboard.press('Enter');
        }
      },
    );
    expect(field?.clears).toBe(0);
  });
});

test('a carousel that a click scrolls to and fro is not scrolled by anybody', async () => {
  const source = {
    body: `<div id="s" style="width:300px;overflow:auto"><div style="width:3000px">Lamps</div></div><button id="it">Next</button>`,
    script: `it.onclick = () => s.scrollLeft = s.scrollLeft ? 0 : 600`,
  };
  const strokes = await told(source, 'scroll', async ({ page }) => {
    for (let n = 0; n < 6; n++) {
      await page.click('#it');
      await page.waitForTimeout(300);
    }
  });
  expect(strokes).toEqual([]);
});

test('a request that the page gave up, for whatever reason, has no end, unless it took too long', async () => {
  const source = {
    body: GO,
    script: `it.onclick = () => {
        const given = new AbortController(); fetch('/slow?a', { signal: given.signal }).catch(() => {});
        fetch(new Request('/slow?b', { signal: given.signal })).catch(() => {}); given.abort('superseded');
        fetch('/slow/long', { signal: AbortSignal.timeout(200) }).catch(() => {});
      }`,
  };
  const requests = await told(source, 'request', pressAndWait);
  expect(requests.map(({ url, status }) => [url, status])).toEqual([['/slow/long', 0]]);
});

test('of the layout that was put off nothing is told', async () => {
  const script = `it.onclick = () => {
      for (const message of ['ResizeObserver loop completed with undelivered notifications.', 'Script error.'])
        dispatchEvent(new ErrorEvent('error', { message }));
    }`;
  expect(await told({ body: GO, script }, 'error', press)).toHaveLength(1);
});

test('of an error in the script of another site browsers tell no more than that', async () => {
  const elsewhere = site.origin.replace('127.0.0.1', 'localhost');
  // What is there is no script that could run.
  const script = `it.onclick = () => document.head.append(Object.assign(document.createElement('script'), { src: '${elsewhere}/file/x' }))`;
  const errors = await told({ body: GO, script }, 'error', pressAndWait);
  expect(errors.map(({ message, source }) => [message, source])).toEqual([['Script error', undefined]]);
});

test('of what the page has given up itself nothing is told, and of what the browser refuses, its name', async () => {
  const script = `it.onclick = () => {
      const given = new AbortController(); fetch('/slow', { signal: given.signal }); given.abort();
      // Has no stack.
      new Audio('/status/404').play();
    }`;
  const errors = await told({ body: GO, script }, 'error', pressAndWait);
  expect(errors.map(({ kind, message }) => [kind, `${message}`.split(':')[0]])).toEqual([
    ['rejection', 'NotSupportedError'],
  ]);
});

test('the script tag reports what the app has caught', async () => {
  const errors = await told(
    { body: GO, script: `it.onclick = () => irk.report(new RangeError('too far'))` },
    'error',
    press,
  );
  expect(errors).toMatchObject([{ message: 'RangeError: too far' }]);
});

test('what another site is told of a click on one thing, and on another, answers neither', async () => {
  const elsewhere = site.origin.replace('127.0.0.1', 'localhost');
  const source = {
    body: '<button id="a">A</button><button id="b">B</button><button id="c">C</button>',
    script: `const ask = (address) => fetch(address, { method: 'POST' }).catch(() => {});
      onclick = () => ask('${elsewhere}/status/204'); c.onclick = () => ask('/status/204');`,
  };
  const clicks = await told(source, 'click', async ({ page }) => {
    for (const id of 'aabbcb') {
      await page.click(`#${id}`);
      await page.waitForTimeout(600);
    }
  });
  // Of the first alone nobody knows.
  expect(clicks.map(answers)).toEqual([['req'], ['req'], [], [], ['req'], []]);
});

test('a list that grows above what is read is not scrolled to and fro', async () => {
  const strokes = await told(
    {
      body: '<div id="s" style="height:300px;overflow:auto"><div id="c"></div></div>',
      script: `const add = () => {
          const more = Array.from({ length: 30 }, () => Object.assign(document.createElement('p'), { textContent: 'm' }));
          for (const p of more) p.style.height = '40px';
          c.prepend(...more);
        };
        add(); s.scrollTop = 9999; s.onscroll = () => s.scrollTop < 200 && c.childElementCount < 150 && add();`,
    },
    'scroll',
    async ({ page }) => {
      await page.hover('#s');
      for (let i = 0; i < 25; i++) {
        await page.mouse.wheel(0, -160);
        await page.waitForTimeout(90);
      }
    },
  );
  expect(strokes).toEqual([]);
});
