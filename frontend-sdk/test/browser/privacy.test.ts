import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSite, type Site } from './site';

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());

/** A word that appears nowhere else, without a digit or an @, so that scrubbing alone does not save us. */
const CANARY = 'zanzibar';

const MASKED_SLOT = '<template shadowrootmode="open"><b data-irk-mask><slot></slot></b></template>';

/** Where text can hide. `it` is clicked; fields are typed into as well. */
const PLACES: Array<[name: string, body: string]> = [
  ['a value', `<input id="it" value="${CANARY}">`],
  ['a placeholder', `<input id="it" placeholder="${CANARY}">`],
  ['a title', `<button id="it" title="${CANARY}">Pay</button>`],
  ['the caption of a submit input', `<input id="it" type="submit" value="${CANARY}">`],
  ['a hidden input', `<button id="it">Pay<input type="hidden" value="${CANARY}"></button>`],
  ['a textarea', `<textarea id="it">${CANARY}</textarea>`],
  ['an editable', `<div id="it" contenteditable style="cursor:pointer">${CANARY}</div>`],
  ['an editable in a control', `<div role="button" id="it">Note <span contenteditable>${CANARY}</span></div>`],
  ['the options of a select', `<select id="it"><option>${CANARY}</option></select>`],
  ['content that is no control', `<p id="it">${CANARY}</p>`],
  ['the text of an SVG', `<button id="it">Pay <svg width="9" height="9"><text>${CANARY}</text></svg></button>`],
  ['hidden text', `<button id="it">Pay <i hidden>${CANARY}</i></button>`],
  ['a comment', `<button id="it">Pay <!-- ${CANARY} --></button>`],
  ['data attributes', `<button id="it" data-name="${CANARY}">Pay</button>`],
  ['CSS content', `<style>#it::after{content:"${CANARY}"}</style><button id="it">Pay</button>`],
  ['a link’s query and fragment', `<a id="it" href="?q=${CANARY}#${CANARY}">Terms</a>`],
  ['a masked label', `<button id="it" data-irk-mask>${CANARY}</button>`],
  ['a masked aria-label', `<div data-private><button id="it" aria-label="${CANARY}">x</button></div>`],
  [
    'names below a mask',
    `<div data-irk-mask><button id="it" data-testid="${CANARY}" name="${CANARY}">Pay</button></div>`,
  ],
  ['a masked part of a label', `<button id="it">Call <b data-irk-mask>${CANARY}</b></button>`],
  [
    'a mask inside an unmasked part',
    `<div data-irk-unmask><button id="it" data-irk-mask data-irk-unmask>${CANARY}</button></div>`,
  ],
  ['an ignored part', `<div data-irk-ignore><button id="it">${CANARY}</button></div>`],
  [
    'a masked host',
    `<my-card data-irk-mask id="it"><template shadowrootmode="open"><button>${CANARY}</button></template></my-card>`,
  ],
  ['names around what is below a mask', `<div data-irk-mask><p id="${CANARY}"><button id="it">Pay</button></p></div>`],
  [
    'what is slotted into a masked part',
    `<my-card><template shadowrootmode="open"><b data-irk-mask><slot></slot></b></template><button id="it">${CANARY}</button></my-card>`,
  ],
  ['an ignored part of a label', `<button id="it">Call <b data-irk-ignore>${CANARY}</b></button>`],
  [
    'the name of what opens a listbox',
    `<button id="it" aria-haspopup="listbox" aria-label="Country: ${CANARY}">x</button>`,
  ],
  ['a card that can be dragged', `<div id="it" role="button" aria-roledescription="sortable">${CANARY}</div>`],
  ['a link in an editable', `<div contenteditable><a id="it" href="#top">${CANARY}</a></div>`],
  ['a link in an SVG', `<svg><a id="it" href="#top"><text y="9">${CANARY}</text></a></svg>`],
  [
    'suggestions for a field',
    `<label>City <input id="it" list="d"><datalist id="d"><option>${CANARY}</option></datalist></label>`,
  ],
  ['text that is not displayed', `<button id="it">Pay <i style="display:none">${CANARY}</i></button>`],
  ['a label of a field that is not displayed', `<label for="it" style="display:none">${CANARY}</label><input id="it">`],
  [
    'a link in a document that is edited',
    `<a id="it" href="#top">${CANARY}</a><script>document.designMode = 'on'</script>`,
  ],
  ['text for who has no scripts', `<button id="it">Pay <noscript>${CANARY}</noscript></button>`],
  [
    'a password that the first click shows',
    `<button id="it" onclick="f.type='text';f.focus()">Show</button><input id="f" type="password" aria-label="${CANARY}">`,
  ],
  [
    'a password that a script shows a while after the click',
    `<button id="it" onclick="setTimeout(() => { f.type = 'text'; f.focus() }, 300)">Show</button><input id="f" type="password" aria-label="${CANARY}"><p id="p"></p>
      <script>it.addEventListener('click', () => (p.textContent = 'Soon'))</script>`,
  ],
  [
    'a password in a shadow root that a click there shows',
    `<div id="it"><template shadowrootmode="open"><button onclick="const f = this.nextSibling; f.type = 'text'; f.focus()">Show</button><input type="password" aria-label="${CANARY}"></template></div>`,
  ],
  [
    'a form that has a field named control',
    `<form onsubmit="return false"><p>${CANARY}</p><input name="control"><button id="it">Send</button></form>`,
  ],
  [
    'what was chosen, beside what takes the choice',
    `<label id="it">City <span><span>${CANARY}</span><input role="combobox" value="${CANARY}"></span></label>`,
  ],
  [
    'the name of what removes the thing beside it',
    `<div><div>${CANARY}</div><div id="it" role="button" aria-label="Remove ${CANARY}">x</div></div>`,
  ],
  [
    'what was chosen, in a chip beside what takes the choice',
    `<div><div id="it" role="button">${CANARY}</div><input role="combobox"></div>`,
  ],
  [
    'the name of what empties the field beside it',
    `<input value="${CANARY}"><button id="it" aria-label="Clear ${CANARY}">x</button>`,
  ],
  [
    'a message in the label of a field',
    `<label>Name <input id="it"> <span role="alert">${CANARY} is taken</span></label>`,
  ],
  ['the name of an option', `<ul role="listbox"><li role="option" id="it" aria-label="${CANARY}">x</li></ul>`],
  [
    'the names in an option',
    `<ul role="listbox"><li role="option" data-testid="user-${CANARY}"><b id="it">x</b></li></ul>`,
  ],
  ['an e-mail address that is taken for HTML', `<p>From: <${CANARY}@shop.example> <b id="it">x</b></p>`],
  ['what is typed, by the addresses that are asked for it', `<input id="it" oninput="fetch('/plain/' + it.value)">`],
  [
    'a URL that is none',
    `<input id="q" value="${CANARY}"><button id="it" onclick="fetch('https://' + q.value + ':x/')">Go</button>`,
  ],
  ['a masked label of a field', `<label data-irk-mask>${CANARY} <input id="it"></label>`],
  ['a password', `<input id="it" type="password" aria-label="${CANARY}" value="${CANARY}">`],
  ['an e-mail address in a name', `<button id="it" data-testid="${CANARY}@shop.example">Pay</button>`],
  ['the title of the document', `<script>document.title = '${CANARY}'</script><button id="it">Pay</button>`],
  ['a quoted part of an error', `<button id="it" onclick="JSON.parse('&quot;${CANARY} is here')">Pay</button>`],
  [
    'the query of a failed request',
    `<button id="it" onclick="fetch('/status/500?name=${CANARY}#${CANARY}')">Pay</button>`,
  ],
  [
    'an address that an error quotes',
    `<button id="it" onclick="Promise.reject(new Error('no &quot;http://a.example/${CANARY}:80&quot; here'))">Pay</button>`,
  ],
  ['a data URL', `<button id="it" onclick="fetch('data:text/plain,${CANARY}')">Pay</button>`],
  ['what is thrown but no error', `<button id="it" onclick="throw '${CANARY}'">Pay</button>`],
  ['the name of what is thrown but no error', `<button id="it" onclick="throw {name: '${CANARY}'}">Pay</button>`],
  ['what a part of a control slots into a mask', `<button id="it">Call <x-s>${MASKED_SLOT}${CANARY}</x-s></button>`],
  ['what a control slots into a mask', `<x-b role="button" id="it">${MASKED_SLOT}${CANARY}</x-b>`],
  [
    'what no slot shows',
    `<button id="it">Pay <x-s><template shadowrootmode="open">ok</template>${CANARY}</x-s></button>`,
  ],
  [
    'a label in what is not displayed',
    `<div style="display:none"><label for="it">${CANARY}</label></div><input id="it">`,
  ],
  ['a label in a closed dialog', `<dialog><label for="it">${CANARY}</label></dialog><input id="it">`],
  [
    'the text of a body that listens',
    `<script>document.body.setAttribute('onclick', '0')</script><h1>${CANARY}</h1><p id="it">Text</p>`,
  ],
  [
    'the text of a body with a pointer cursor',
    `<style>body{cursor:pointer}</style><h1>${CANARY}</h1><p id="it">Text</p>`,
  ],
  ['the value of a combobox', `<button role="combobox" id="it">${CANARY}</button>`],
  ['an option of a listbox', `<ul role="listbox"><li role="option" id="it">${CANARY}</li></ul>`],
  ['the value of a textbox', `<div role="textbox" tabindex="0" onclick="0" id="it">${CANARY}</div>`],
  [
    'a name in what is written',
    `<div contenteditable>Hi <span id="it" role="button" contenteditable="false" aria-label="${CANARY}">x</span></div>`,
  ],
  [
    'an id in what is written',
    `<div contenteditable><section id="${CANARY}-plan"><h2 id="it">Plan</h2><b>x</b></section></div>`,
  ],
  [
    'a password in a shadow root that is shown from outside',
    `<button id="it" onclick="const f = h.shadowRoot.querySelector('input'); f.type = 'text'; f.focus()">Show</button><div id="h"><template shadowrootmode="open"><input type="password" aria-label="${CANARY}"></template></div>`,
  ],
  [
    'a wrong regular expression',
    `<input id="q" value="${CANARY}"><button id="it" onclick="new RegExp(q.value + '(')">Go</button>`,
  ],
  ['what is no BigInt', `<input id="q" value="${CANARY}"><button id="it" onclick="BigInt(q.value)">Go</button>`],
  ['what has no members', `<input id="q" value="${CANARY}"><button id="it" onclick="'x' in q.value">Go</button>`],
  ['the name of what opens a list', `<button id="it" role="combobox" aria-label="Country: ${CANARY}">x</button>`],
  [
    'what is typed, by the label of the field',
    `<label>Name <input id="it" oninput="said.textContent = this.value"> <b id="said"></b></label>`,
  ],
  [
    'what is typed, by the name of the field',
    `<input id="it" oninput="this.setAttribute('aria-label', 'From ' + this.value)">`,
  ],
  [
    'the name of what removes the thing in the cell beside it',
    `<p><b><i>${CANARY}</i></b><b><button id="it" aria-label="Remove ${CANARY}">x</button></b></p>`,
  ],
  [
    'the name of a link in a text field of the page’s own',
    `<div role="textbox"><a id="it" href="#top" aria-label="${CANARY}">x</a></div>`,
  ],
  ['parameters in a path', `<button id="it" onclick="fetch('/status/500/list;name=${CANARY}')">Pay</button>`],
];

test.concurrent.each(PLACES)('nothing tells %s', async (_, body) => {
  const visit = await site.visit({ body, before: `history.replaceState({}, '', '?who=${CANARY}#${CANARY}')` });
  await visit.page.click('#it', { position: { x: 5, y: 5 } });
  if (await visit.page.locator('input:not([type=submit]),textarea,[contenteditable]').count()) {
    // What is shown a while after the click.
    await visit.page.waitForTimeout(400);
    await visit.page.keyboard.type(CANARY);
    await visit.page.evaluate(() => {
      const field = document.activeElement as HTMLInputElement;
      // "Show password".
      if (field.type === 'password') field.type = 'text';
      field.blur();
    });
    await visit.page.click('#it', { position: { x: 5, y: 5 } });
  }
  await visit.leave();
  expect(visit.faults).toEqual([]);
  expect(visit.bodies.join()).toContain('"type":"page"');
  expect(visit.bodies.join()).not.toContain(CANARY);
  await visit.context.close();
});

test('what happens on an ignored part of a control, or is copied there, is not told', async () => {
  const visit = await site.visit({
    body: '<button>Pay <b id="it" data-irk-ignore>x</b></button><div role="alert">A <b id="text" data-irk-ignore>secret</b></div>',
  });
  await visit.page.click('#it');
  await visit.page.dblclick('#text');
  await visit.page.keyboard.press('Control+c');
  await visit.leave();
  expect(visit.events().map(({ type }) => type)).toEqual(['page', 'leave']);
  await visit.context.close();
});

test('a password that the page shows while it starts stays masked', async () => {
  const visit = await site.visit({
    attributes: 'defer',
    body: `<input id="it" type="password" aria-label="${CANARY}">`,
    script: `addEventListener('DOMContentLoaded', () => it.setAttribute('type', 'text'))`,
  });
  await visit.page.click('#it');
  await visit.leave();
  expect(visit.events('click')).toHaveLength(1);
  expect(visit.bodies.join()).not.toContain(CANARY);
  await visit.context.close();
});

test('what saves as somebody types is told once for each field', async () => {
  const save = `oninput="fetch('/status/204', { method: 'PATCH', body: this.value })"`;
  const visit = await site.visit({ body: `<form><input id="it" ${save}><input id="city" ${save}></form>` });
  for (const id of ['it', 'city']) {
    await visit.page.click(`#${id}`);
    await visit.page.keyboard.type('Ann', { delay: 50 });
  }
  await visit.leave();
  expect(visit.events('request').map(({ method, status }) => [method, status])).toEqual([
    ['PATCH', 204],
    ['PATCH', 204],
  ]);
  await visit.context.close();
});

test('a form that is submitted at each key, and a field that is given the focus anew, do not tell how much is typed', async () => {
  const visit = await site.visit({
    body: `<form id="search" oninput="this.requestSubmit()"><input id="it"></form><input id="city">`,
    script: `search.onsubmit = (event) => { event.preventDefault(); fetch('/status/204', { method: 'POST' }); };
      city.oninput = () => { fetch('/status/204', { method: 'PUT' }); city.blur(); setTimeout(() => city.focus()); };`,
  });
  for (const id of ['it', 'city']) {
    await visit.page.click(`#${id}`);
    await visit.page.keyboard.type('Zanzibar', { delay: 50 });
  }
  await visit.leave();
  expect(visit.events('submit')).toHaveLength(1);
  expect(visit.events('request').map(({ method }) => method)).toEqual(['POST', 'PUT']);
  await visit.context.close();
});

test('the name of a file that was chosen is not told, though its label says it', async () => {
  const visit = await site.visit({
    body: `<input id="it" type="file"><label id="l" for="it">Choose a file</label>`,
    script: 'it.onchange = () => { l.textContent = it.files[0].name; }',
  });
  await visit.page.setInputFiles('#it', { name: `${CANARY}.txt`, mimeType: 'text/plain', buffer: Buffer.from('x') });
  for (const id of ['l', 'it']) {
    const opened = visit.page.waitForEvent('filechooser');
    await visit.page.click(`#${id}`);
    await opened;
  }
  await visit.leave();
  expect(visit.events('click').map(({ el }) => el?.kind)).toEqual(['label', 'select']);
  expect(visit.bodies.join()).not.toContain(CANARY);
  await visit.context.close();
});

test('strokes through what is typed do not tell how wide it is', async () => {
  const visit = await site.visit({
    body: `<input id="it" style="width: 60px"><div style="width: 60px; overflow: auto"><div id="text" contenteditable style="white-space: nowrap">x</div></div>`,
  });
  for (const id of ['it', 'text']) {
    await visit.page.click(`#${id}`);
    await visit.page.keyboard.type('m'.repeat(60));
    for (const key of ['Home', 'End', 'Home', 'End']) {
      await visit.page.keyboard.press(key);
      await visit.page.waitForTimeout(100);
    }
  }
  await visit.leave();
  expect(visit.events('scroll')).toEqual([]);
  await visit.context.close();
});

test('a PIN pad that is ignored does not tell how many digits were entered', async () => {
  const visit = await site.visit({
    body: `<div data-irk-ignore><button id="it" onclick="fetch('/status/204', { method: 'POST' })">1</button></div>
      <x-pad data-irk-ignore><template shadowrootmode="open"><button id="slow" onclick="const t = performance.now(); while (performance.now() - t < 260);">2</button></template></x-pad>`,
  });
  for (const id of ['it', 'it', 'slow', 'slow']) {
    await visit.page.click(`#${id}`);
    await visit.page.waitForTimeout(400);
  }
  await visit.leave();
  expect(visit.events().map(({ type }) => type)).toEqual(['page', 'leave']);
  await visit.context.close();
});

test('what takes a choice is told with the label beside it', async () => {
  const visit = await site.visit({
    body: '<div><label for="it">City</label><input id="it" role="combobox"></div>',
  });
  await visit.page.click('label');
  await visit.leave();
  expect(visit.events('click').map(({ el }) => el?.label)).toEqual(['City']);
  expect(visit.events('field').map(({ el }) => el?.label)).toEqual(['City']);
  await visit.context.close();
});

test('slow keys do not tell how much is typed', async () => {
  const visit = await site.visit({
    body: '<input id="it" type="password" onkeydown="const t = performance.now(); while (performance.now() - t < 260);">',
  });
  await visit.page.click('#it');
  for (let key = 0; key < 6; key++) {
    await visit.page.keyboard.press('a');
    await visit.page.waitForTimeout(100);
  }
  await visit.page.waitForTimeout(800);
  await visit.leave();
  expect(visit.events('interaction').filter(({ how }) => how === 'key')).toHaveLength(1);
  await visit.context.close();
});

test.each([
  ['the requests', `<input id="it" oninput="fetch('/status/204?' + it.value)">`],
  ['the requests that save', `<input id="it" oninput="fetch('/status/204', { method: 'POST', body: it.value })">`],
  ['the requests that are refused', `<input id="it" oninput="fetch('/status/422?' + it.value)">`],
  [
    'the visits to a field that is drawn anew at each key',
    `<p id="row"><input id="it" autofocus></p><script>row.oninput = () => {
      const { value } = it; row.innerHTML = '<input id="it">'; it.value = value; it.focus(); }</script>`,
  ],
  [
    'the visits to a field that is moved at each key',
    `<p id="row"><input id="it"></p><script>row.oninput = () => { row.append(it); it.focus(); }</script>`,
  ],
])('%s do not tell how much is typed', async (_, body) => {
  async function told(text: string) {
    const visit = await site.visit({ body });
    await visit.page.click('#it');
    await visit.page.keyboard.type(text, { delay: 40 });
    await visit.page.waitForTimeout(300);
    await visit.leave();
    expect([visit.faults, visit.noise.filter((line) => !line.includes('422'))]).toEqual([[], []]);
    await visit.context.close();
    // A slow key is told once, and on a busy machine any may be slow.
    return visit
      .events()
      .filter(({ type }) => type !== 'interaction')
      .map(({ type, edits }) => [type, edits]);
  }
  const [short, long] = await Promise.all(['wobble', 'wobblethorpe'].map(told));
  expect(short).toEqual(long);
});

test('what is relative to another place does not go there', async () => {
  const visit = await site.visit({
    attributes: null,
    head: '<base href="https://elsewhere.example/"><script src="/sdk/irk.js"></script>'.replace(
      '/sdk',
      `${site.origin}/sdk`,
    ),
    body: '<button id="it">Pay</button>',
  });
  const asked: string[] = [];
  visit.page.on('request', (request) => request.method() === 'POST' && asked.push(new URL(request.url()).origin));
  await visit.page.evaluate(`irk.init({ key: 'irk_pk_test', endpoint: '/ingest' + location.pathname })`);
  await visit.page.click('#it');
  await visit.page.evaluate('irk.stop()');
  await visit.arrived('click');
  expect(new Set(asked)).toEqual(new Set([site.origin]));
  await visit.context.close();
});

test('what is no control has no label, however it looks', async () => {
  const visit = await site.visit({
    body: `<div style="cursor:pointer">Jane</div><div onclick="1">Jane</div><table><tr onclick="1"><td>Jane</td></tr></table>
      <div id="root"><p>Jane</p><span>&nbsp;</span></div><button aria-haspopup="listbox">Jane</button>
      <div role="combobox button">Jane</div><div role="spinbutton">Jane</div><button><output>Jane</output></button>
      <button><i style="visibility:hidden">Jane</i></button><x-name>Jane</x-name>`,
    script: `document.querySelector('#root').onclick = () => {}; document.querySelector('x-name').control = {}`,
  });
  const { page } = visit;
  for (const at of ['div >> nth=0', 'div >> nth=1', 'td', '[aria-haspopup]', '[role^=combo]', '[role^=spin]'])
    await page.click(at);
  for (const at of ['output', 'i', 'x-name']) await page.click(at, { force: true });
  await page.click('#root', { position: { x: 700, y: 3 } });
  await visit.leave();
  expect(visit.events('click').map(({ el }) => el?.label)).toEqual(Array(10).fill(undefined));
  expect(visit.events('click').at(-1)?.el?.click).toBeUndefined();
  await visit.context.close();
});

test.each([
  ['a suggestion', '<input type="search" id="field"><ul><li><a id="it" href="#top"></a></li></ul>', ''],
  ['what is to be made', '<input id="field"><button id="it"></button>', 'Create tag '],
  ['the name of a tab', '<textarea id="field"></textarea><div role="tab" id="it">Untitled</div>', ''],
])('what is typed is not told as %s', async (_, body, before) => {
  const visit = await site.visit({
    body,
    script: `field.oninput = () => { it.textContent = it.ariaLabel = ${JSON.stringify(before)} + field.value.toUpperCase() }`,
  });
  await visit.page.click('#field');
  await visit.page.keyboard.type(CANARY);
  await visit.page.click('#it');
  await visit.leave();
  expect(visit.events('click').map(({ el }) => el?.label)).toEqual([undefined, undefined]);
  expect(visit.bodies.join().toLowerCase()).not.toContain(CANARY);
  await visit.context.close();
});

test('who stands in a row is not told by the names of its buttons, wherever they are in it', async () => {
  const visit = await site.visit({
    body: `<table><tr><td>Jane Doe</td><td>a note</td><td>Berlin</td><td><button aria-label="Delete Jane Doe">x</button></td></tr></table>
      <div role="row"><div><b>Jane Doe</b> of Berlin</div><div>Lead</div><div><div><button aria-label="Edit Jane Doe">e</button></div></div></div>
      <ul><li>Jane Doe, Berlin <p>Lead</p><button aria-label="Close">c</button></li></ul>`,
  });
  for (const control of await visit.page.locator('button').all()) await control.click();
  await visit.leave();
  expect(visit.events('click').map(({ el }) => el?.label)).toEqual(['x', 'e', 'Close']);
  await visit.context.close();
});

test('what parsers quote of what they were given is not told', async () => {
  const messages = [
    ['Invalid argument: Jane', 'Error: Invalid argument:'],
    ['Invalid time zone specified: Jane', 'Error: Invalid time zone specified:'],
    ['Unexpected end of input at line 3:\nname: Jane', 'Error: Unexpected end of input at line #'],
    ['bad indentation of a mapping entry (2:1)\n 1 | Jane', 'Error: bad indentation of a mapping entry #'],
    ['No such user: Jane', 'Error: No such user:'],
    ['Request failed: timeout', 'Error: Request failed: timeout'],
  ];
  const visit = await site.visit({
    script: `for (const [message] of ${JSON.stringify(messages)}) setTimeout(() => { throw new Error(message) })`,
  });
  await visit.page.waitForTimeout(200);
  await visit.leave();
  expect(visit.events('error').map(({ message }) => message)).toEqual(messages.map(([, told]) => told));
  await visit.context.close();
});

test('errors at each key do not tell how much is typed', async () => {
  const visit = await site.visit({
    body: '<input id="it"><button id="other">Next</button>',
    script: `let n = 0; it.oninput = () => { throw new Error('not yet ' + 'ab'[n++ % 2]) };
      other.onclick = () => { throw new Error('on purpose') };`,
  });
  await visit.page.click('#it');
  for (let key = 0; key < 7; key++) await visit.page.keyboard.press('a', { delay: 50 });
  await visit.page.click('#other');
  await visit.leave();
  expect(visit.events('error').map(({ message }) => message)).toEqual([
    'Error: not yet a',
    'Error: not yet b',
    'Error: not yet a',
    'Error: on purpose',
  ]);
  await visit.context.close();
});

test('what is thrown but no error tells nothing but its type', async () => {
  const visit = await site.visit({
    body: '<button id="it">Send</button>',
    script: `it.onclick = () => Promise.reject({ name: 'Jane', message: 'Please call' })`,
  });
  await visit.page.click('#it');
  await visit.leave();
  expect(visit.events('error')).toMatchObject([{ message: 'object' }]);
  await visit.context.close();
});

test('of a document that is edited no name is told', async () => {
  const visit = await site.visit({
    body: '<h2 id="jane-doe" aria-label="Jane">Plan</h2>',
    script: `document.designMode = 'on'`,
  });
  await visit.page.click('h2');
  await visit.leave();
  expect(visit.events('click').map(({ el }) => [el?.sel, el?.label])).toEqual([['body > h2:nth-child(1)', undefined]]);
  await visit.context.close();
});

test('labels stay useful', async () => {
  const visit = await site.visit({
    body: `<button>Pay now</button><button aria-label="Close">x</button><button>Call 0151 2345</button>
      <a href="#top">${'Very '.repeat(30)}long</a><button data-testid="menu"><svg width="9" height="9"></svg></button>
      <div data-irk-mask><button data-irk-unmask>Shown</button></div>`,
  });
  for (const control of await visit.page.locator('button,a').all()) await control.click();
  await visit.leave();
  expect(visit.events('click').map(({ el }) => el?.label)).toEqual([
    'Pay now',
    'Close',
    'Call # #',
    'Very Very Very Very Very Very Very Very ',
    'menu',
    'Shown',
  ]);
  await visit.context.close();
});
