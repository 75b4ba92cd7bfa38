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

/** Puts markup into an open shadow root of `#host`, inside as many more as wanted. */
const shadow = (html: string, depth = 1) => `let root = host;
  for (let level = ${depth}; level--;) {
    root = root.attachShadow({ mode: 'open' });
    if (level) root = root.appendChild(document.createElement('x-card'));
  }
  root.innerHTML = ${JSON.stringify(html)};`;

/** Playwright's own way to an element is lost where `matches` is a field. */
async function press({ page }: Visit, selector: string, inside = 2) {
  const { x, y } = await page.evaluate((it) => {
    const { x, y } = (document.querySelector(it) as Element).getBoundingClientRect();
    return { x, y };
  }, selector);
  await page.mouse.click(x + inside, y + inside);
}

const FORM = '<form id="pay"><input name="card" required><button id="ok">Pay</button></form>';
const REFUSED = `root.querySelector('form').onsubmit = (e) => { e.preventDefault(); fetch('/status/422', { method: 'POST' }); };`;

describe.concurrent('a form in a shadow root', () => {
  test.each([
    [1, 'x-pay#host'],
    [2, 'x-pay#host > x-card:nth-child(1)'],
  ])('tells its submit once, with its outcome, %i deep', async (depth, host) => {
    const visit = await site.visit({ body: '<x-pay id="host"></x-pay>', script: shadow(FORM, depth) + REFUSED });
    await visit.page.fill('[name=card]', 'x');
    await visit.page.click('#ok');
    const [submit] = await visit.arrived('submit');
    expect(submit).toMatchObject({ how: 'submit', status: 422, el: { sel: `${host} > form#pay`, role: 'form' } });
    await visit.leave();
    expect(visit.events('submit')).toHaveLength(1);
    expect(visit.events('click').map(({ el }) => el?.sel)).toEqual([`${host} > button#ok`]);
    await done(visit);
  });

  test('tells what Enter submits, and what the browser refuses', async () => {
    const visit = await site.visit({ body: '<x-pay id="host"></x-pay>', script: shadow(FORM) + REFUSED });
    await visit.page.focus('[name=card]');
    await visit.page.keyboard.press('Enter');
    await visit.page.keyboard.type('x');
    await visit.page.keyboard.press('Enter');
    await visit.leave();
    expect(visit.events('submit').map(({ how, el }) => [how, el?.sel])).toEqual([
      ['invalid', 'x-pay#host > form#pay'],
      ['submit', 'x-pay#host > form#pay'],
    ]);
    await done(visit);
  });

  test('tells what a button outside of it submits, once it was typed into', async () => {
    const visit = await site.visit({
      body: '<x-pay id="host"></x-pay><button id="send">Send</button>',
      script: `${shadow(FORM)}${REFUSED} send.onclick = () => root.querySelector('form').requestSubmit();`,
    });
    await visit.page.click('[name=card]');
    await visit.page.keyboard.type('x');
    await visit.page.click('#send');
    await visit.leave();
    expect(visit.events('submit').map(({ how }) => how)).toEqual(['submit']);
    await done(visit);
  });

  test('is heard no more once recording was stopped, and once when it begins again', async () => {
    const visit = await site.visit({
      body: '<x-pay id="host"></x-pay>',
      script: `${shadow(FORM)}${REFUSED} const { key, endpoint } = document.querySelector('script[data-key]').dataset;
        window.again = () => irk.init({ key, endpoint });`,
    });
    await visit.page.fill('[name=card]', 'x');
    await visit.page.click('#ok');
    await visit.page.evaluate('irk.stop()');
    await visit.page.click('#ok');
    await visit.page.evaluate('again()');
    await visit.page.click('#ok');
    await visit.leave();
    expect(visit.events('submit')).toHaveLength(2);
    await done(visit);
  });
});

test('a shadow root is listened to once, however often it is pressed, and not to what leaves it anyway', async () => {
  const visit = await site.visit({
    body: '<x-pay id="host"></x-pay>',
    before: `window.added = []; const add = EventTarget.prototype.addEventListener;
      EventTarget.prototype.addEventListener = function (type, ...rest) {
        if (this instanceof ShadowRoot) added.push(type);
        return add.call(this, type, ...rest);
      };`,
    script: shadow('<button id="ok">Pay</button>', 2),
  });
  for (let press = 0; press < 3; press++) await visit.page.click('#ok');
  const added = (await visit.page.evaluate('added')) as string[];
  expect(added.filter((type) => type === 'submit')).toHaveLength(2);
  expect(added).not.toContain('pointermove');
  expect(new Set(added).size * 2).toBe(added.length);
  await visit.leave();
  expect(visit.events('click')).toHaveLength(3);
  await done(visit);
});

test('scrolling in a shadow root answers a click, and is told as strokes', async () => {
  const visit = await site.visit({
    body: '<x-list id="host"></x-list>',
    script: `${shadow('<button id="top">Top</button><div id="rows" style="height:200px;overflow:auto"><div style="height:3000px">Rows</div></div>')}
      const rows = root.querySelector('#rows'); root.querySelector('#top').onclick = () => { rows.scrollTop = 900; };`,
  });
  await visit.page.click('#top');
  await visit.page.waitForTimeout(300);
  await visit.page.hover('#rows');
  for (const stroke of [50, 300, -200, 300]) {
    await visit.page.mouse.wheel(0, stroke);
    await visit.page.waitForTimeout(150);
  }
  await visit.leave();
  expect(visit.events('click')[0]?.after).toHaveProperty('scroll');
  expect(visit.events('scroll').map(({ el }) => el?.sel)).toEqual(['x-list#host > div#rows', 'x-list#host > div#rows']);
  await done(visit);
});

describe.concurrent('a form whose fields take the names of its properties', () => {
  const NAMES =
    'matches getAttribute closest id name action method target type parentNode parentElement children nodeType nodeName localName shadowRoot defaultView composedPath innerText textContent elements length form role label value checked isConnected ownerDocument tagName childNodes firstChild attributes addEventListener assignedSlot getRootNode host labels control controls isContentEditable dataset className contains';
  const fields = (names: string) => names.split(' ').map((name) => `<input type="hidden" name="${name}">`);

  test.each([NAMES, `${NAMES} ${NAMES}`])('tells its submit, its field and its clicks as ever: %s', async (names) => {
    const visit = await site.visit({
      body: `<form id="pay" style="padding:30px">${fields(names).join('')}<input id="card"><button id="ok" name="ok">Pay</button></form>`,
      script: `document.forms[0].onsubmit = (e) => { e.preventDefault(); fetch('/status/422', { method: 'POST' }); };`,
    });
    await press(visit, 'form');
    await press(visit, '#card', 5);
    await visit.page.keyboard.type('x');
    await press(visit, '#ok', 5);
    const [submit] = await visit.arrived('submit');
    expect(submit).toMatchObject({ how: 'submit', status: 422, el: { sel: 'form#pay', role: 'form' } });
    expect(submit?.el).not.toHaveProperty('kind');
    const [field] = await visit.arrived('field');
    expect(field).toMatchObject({ el: { sel: 'input#card' }, form: 'form#pay', edits: 1 });
    await visit.leave();
    expect(visit.events('click').map(({ el }) => [el?.sel, el?.click])).toEqual([
      ['form#pay', undefined],
      ['input#card', undefined],
      ['button#ok', true],
    ]);
    await done(visit);
  });

  test('masks and ignores what is in it as ever', async () => {
    const form = (id: string, mark: string) =>
      `<form id="${id}" ${mark}>${fields(NAMES).join('')}<button type="button">Ann Smith</button></form>`;
    const visit = await site.visit({ body: form('a', 'data-irk-mask') + form('b', 'data-irk-ignore') + form('c', '') });
    for (const id of 'abc') await press(visit, `#${id} button`, 5);
    await visit.leave();
    const button = `button:nth-child(${NAMES.split(' ').length + 1})`;
    expect(visit.events('click').map(({ el }) => [el?.sel, el?.label])).toEqual([
      [`body > form:nth-child(1) > ${button}`, undefined],
      [`form#c > ${button}`, 'Ann Smith'],
    ]);
    await done(visit);
  });
});

describe.concurrent('a link', () => {
  const svg = (attributes: string, text = '<text y="20">Terms</text>') =>
    `<svg width="200" height="40"><a id="it" ${attributes}>${text}</a></svg>`;
  test.each([
    [svg('href="/plain"'), 'link'],
    [svg('href="/plain" target="_self"'), 'link'],
    [svg('href="/plain" target="_blank"'), 'newtab'],
    [svg('href="mailto:ann@shop.example"'), 'external'],
    [svg('href="javascript:void 0"'), undefined],
    ['<a id="it" href="/plain" target="_top">Terms</a>', 'link'],
    ['<a id="it" href="/plain" target="_BLANK">Terms</a>', 'newtab'],
    ['<a id="it" href=" javascript:void 0">Terms</a>', undefined],
    // A picture has an address too, and leads nowhere.
    [`<svg id="it" width="200" height="40"><image href="data:," width="200" height="40"></image></svg>`, undefined],
  ])('%s does %s by itself', async (body, kind) => {
    const visit = await site.visit({ body });
    await visit.page.click('#it');
    // A link that navigates leaves by itself.
    await visit.arrived('click');
    expect(visit.events('click')[0]?.el?.kind).toBe(kind);
    await done(visit);
  });

  test('tells of what is in it', async () => {
    const visit = await site.visit({
      body: '<a href="#there"><button id="it" type="button">Pay</button><b></b></a>',
    });
    await visit.page.click('#it');
    await visit.leave();
    expect(visit.events('click').map(({ el }) => el?.sel)).toEqual(['button#it']);
    await done(visit);
  });
});

test('a form that the page asks about while it is filled in has not been refused', async () => {
  const visit = await site.visit({
    body: '<form id="pay" onsubmit="return false"><input id="card" required><input id="name" required><button id="ok">Pay</button></form>',
    script: `for (const type of ['keydown', 'keyup', 'input', 'change', 'focusout']) pay.addEventListener(type, () => pay.checkValidity());`,
  });
  await visit.page.click('#card');
  await visit.page.keyboard.type('41');
  await visit.page.keyboard.press('Tab');
  await visit.page.click('#card');
  await visit.page.keyboard.type('2');
  await visit.page.mouse.click(400, 300);
  expect(visit.events('submit')).toEqual([]);
  await visit.page.click('#ok');
  await visit.leave();
  expect(visit.events('submit').map(({ how, el }) => [how, el?.sel])).toEqual([['invalid', 'form#pay']]);
  expect([visit.faults, visit.noise]).toEqual([[], []]);
  await visit.context.close();
});

test.each(['pay.checkValidity()', '[count, name].every((field) => field.checkValidity())'])(
  'a form that the page asks about at every click, to enable its button, has not been refused: %s',
  async (asks) => {
    const visit = await site.visit({
      body: `<form id="pay" onsubmit="return false"><button type="button" id="more">+</button><input id="count" value="0">
      <input id="name" required><button id="ok">Pay</button></form>`,
      script: `const { name } = pay; more.onclick = () => { count.value++; ok.disabled = !(${asks}); }`,
    });
    for (let n = 0; n < 3; n++) await visit.page.click('#more');
    await visit.leave();
    expect(visit.events('submit')).toEqual([]);
    expect([visit.faults, visit.noise]).toEqual([[], []]);
    await visit.context.close();
  },
);

test('a form that the page has submitted without a look, and looks at then, is refused by it', async () => {
  const visit = await site.visit({
    body: '<form id="pay" novalidate><input id="name" required><button id="ok">Pay</button></form>',
    script: `pay.onsubmit = (event) => {
        event.preventDefault();
        if (pay.checkValidity()) pay.reset();
        else pay.classList.add('was-validated');
        // Later, what was sent is checked anew, to disable the button.
        setTimeout(() => { ok.disabled = pay.name.value && !pay.checkValidity(); }, 50);
      }`,
  });
  await visit.page.click('#ok');
  await visit.page.waitForTimeout(200);
  await visit.page.fill('#name', 'Ann');
  await visit.page.click('#ok');
  await visit.leave();
  expect(visit.events('submit').map(({ how }) => how)).toEqual(['submit', 'invalid', 'submit']);
  expect([visit.faults, visit.noise]).toEqual([[], []]);
  await visit.context.close();
});

describe.concurrent('a form that the app itself looks at', () => {
  const body =
    '<form id="pay" novalidate><input id="name" required><input id="city"><button id="ok">Pay</button></form>';

  async function outcomes(script: string): Promise<unknown[]> {
    const visit = await site.visit({ body, script: `pay.onsubmit = async (event) => { ${script} }` });
    await visit.page.click('#ok');
    // Whoever reads what is wrong mends it.
    await visit.page.waitForTimeout(700);
    await visit.page.evaluate(`for (const field of pay) field.removeAttribute('aria-invalid')`);
    await visit.page.waitForTimeout(3500);
    await visit.leave();
    expect([visit.faults, visit.noise]).toEqual([[], []]);
    await visit.context.close();
    return visit.events('submit').map(({ how }) => how);
  }

  test.each([
    ['at once', `event.preventDefault(); city.ariaInvalid = 'true'`],
    ['by a class', `event.preventDefault(); city.className = 'field is-invalid'`],
    [
      'in a while',
      `event.preventDefault(); await new Promise((done) => setTimeout(done, 100)); city.ariaInvalid = 'true'`,
    ],
  ])('is refused by it, if it marks what is wrong %s', async (_, script) => {
    expect(await outcomes(script)).toEqual(['invalid']);
  });

  test.each([
    ['it sends all the same', `event.preventDefault(); city.ariaInvalid = 'true'; fetch('/status/200')`],
    ['was right', `event.preventDefault(); city.ariaInvalid = 'false'`],
    ['the browser sends all the same', `city.ariaInvalid = 'true'; pay.action = '/status/204'`],
  ])('is not refused, if what %s', async (_, script) => {
    expect(await outcomes(script)).toEqual(['submit']);
  });

  test('is refused, if its server answers well, and what is wrong is marked until it is mended', async () => {
    const visit = await site.visit({
      body,
      script: `pay.onsubmit = async (event) => { event.preventDefault(); await fetch('/status/200'); city.ariaInvalid = 'true'; }`,
    });
    await visit.page.click('#ok');
    await visit.page.waitForTimeout(4800);
    await visit.leave();
    expect(visit.events('submit').map(({ how, status }) => [how, status])).toEqual([['invalid', 200]]);
    await visit.context.close();
  });

  test('is refused once, if it asks the browser, too', async () => {
    const asks = `event.preventDefault(); city.ariaInvalid = 'true'; pay.checkValidity()`;
    expect(await outcomes(asks)).toEqual(['submit', 'invalid']);
  });
});

test('a field of a form that is not to be sent belongs to none', async () => {
  const visit = await site.visit({
    body: '<form id="loan"><input id="sum"></form><form id="pay"><input id="card"><button disabled>Pay</button></form><form id="ship"><input id="city" required></form><form method="get"><input id="least"><button>Show</button></form>',
  });
  await visit.page.fill('#sum', '1000');
  await visit.page.fill('#card', '1');
  await visit.page.fill('#city', 'Lisbon');
  await visit.page.fill('#least', '20');
  await visit.leave();
  expect(visit.events('field').map(({ el, form }) => [el?.sel, form])).toEqual([
    ['input#sum', undefined],
    ['input#card', 'form#pay'],
    ['input#city', 'form#ship'],
    ['input#least', undefined],
  ]);
  expect([visit.faults, visit.noise]).toEqual([[], []]);
  await visit.context.close();
});

const LIST = `const take = () => { list.append(it.value); it.value = ''; }`;

describe.concurrent('a field that somebody comes back to', () => {
  test.each([
    [
      'was emptied by the page upon Enter',
      `${LIST}; it.onkeydown = (e) => { if (e.key === 'Enter') take(); };`,
      'Enter',
      ['replace'],
    ],
    ['was emptied by the page as it was left', `${LIST}; it.onblur = take;`, 'Shift', ['replace']],
    ['holds something else', `other.onfocus = () => { it.value = 'next'; };`, 'Shift', ['replace']],
    ['holds what was typed', '', 'Enter', [undefined]],
    [
      'holds it in another way',
      `it.onblur = () => { it.value = '(' + it.value.slice(0, 1) + ') ' + it.value.slice(1); };`,
      'Shift',
      [undefined],
    ],
    ['never took what was typed', `it.oninput = () => { it.value = ''; };`, 'Shift', [undefined]],
    ['was emptied by whoever typed', '', 'Backspace Backspace', [undefined]],
  ])('%s', async (_, script, keys, expected) => {
    const visit = await site.visit({ body: '<input id="it"><p id="list"></p><input id="other">', script });
    for (const selector of ['#it', '#other', '#it', '#other']) {
      await visit.page.click(selector);
      await visit.page.keyboard.type('ab');
      if (selector === '#it') for (const key of keys.split(' ')) await visit.page.keyboard.press(key);
    }
    await visit.leave();
    const visits = visit.events('field').filter(({ el }) => el?.sel === 'input#it');
    expect(visits.map(({ how }) => how)).toEqual([undefined, ...expected]);
    await done(visit);
  });
});
