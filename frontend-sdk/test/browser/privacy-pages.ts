/**
 * Pages that hide canaries in every place where text can be. A page follows from its seed alone.
 *
 * There are two kinds of places. What is nobody's business (values, content, whatever is masked or ignored) holds bare words. What
 * the SDK may tell (the text of a control, an `aria-label`, a path, an error's message) holds what must be scrubbed out of it:
 * digits, addresses, names in quotes, queries.
 */

export interface FuzzPage {
  seed: number;
  html: string;
  /** What is typed into every field of the page. */
  typed: string;
  /** Every canary, in lower case and nothing but letters or digits, with the place that it is in. */
  secrets: Map<string, string>;
}

type Mark = 'mask' | 'ignore' | undefined;
interface Around {
  mark: Mark;
  /** Inside of something editable: all text is the user's. */
  editable: boolean;
  /** Inside of a form, which cannot be in another, and of a shadow tree, which no label outside can name. */
  form: boolean;
}

/** Numbers from 0 to 1 that follow from a seed. https://github.com/bryc/code/blob/master/jshash/PRNGs.md#mulberry32 */
function numbersFrom(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b1);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
/** As the text of a JavaScript expression in an attribute. */
const quoted = (text: string) => escaped(JSON.stringify(text));
const percent = (text: string) => [...text].map((char) => `%${char.charCodeAt(0).toString(16)}`).join('');
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

const MARKERS = ['data-irk-mask', 'data-private', 'data-irk-unmask', 'data-irk-ignore'] as const;

export function fuzzPage(seed: number): FuzzPage {
  const random = numbersFrom(seed);
  const secrets = new Map<string, string>();
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const maybe = (share = 0.5) => random() < share;
  const drawn = (from: string, count: number) => Array.from({ length: count }, () => pick([...from])).join('');

  /** A word like none that a developer writes. */
  function secret(place: string): string {
    const word = drawn('bcdfghjklmnpqrstvwxz', 11);
    secrets.set(word, place);
    return word;
  }
  function digits(place: string): string {
    const number = drawn('123456789', 12);
    secrets.set(number, place);
    return number;
  }

  /** Where nothing may be told at all. */
  function bare(place: string): string {
    const word = secret(place);
    return pick([word, capital(word), word.toUpperCase(), `${capital(word)} ${capital(secret(place))}`, percent(word)]);
  }

  /** What must be scrubbed, wherever it stands. */
  function scrubbable(place: string): string {
    const word = secret(place);
    const name = maybe() ? word : `${capital(word)} ${capital(secret(place))}`;
    return pick([
      () => `${word}@shop.example`,
      () => `${word}.${secret(place)}+x@${word}.example`,
      () => digits(place),
      () => `+${digits(place).replace(/(...)/g, '$1 ')}`,
      () => [...digits(place)].map((digit) => String.fromCharCode(0x660 + +digit)).join(''),
      () => [...digits(place)].map((digit) => String.fromCharCode(0xff10 + +digit)).join(''),
      () => `${word}${pick(['7', '²', '①', '٣'])}`,
      () => `7${word.toUpperCase()}`,
      () => percent(word),
      () => `"${name}"`,
      () => `'${name}'`,
      () => `\`${name}\``,
      () => `“${name}”`,
      () => `„${name}“`,
      () => `‘${name}’`,
      () => `«${name}»`,
      () => `"${name} ${'and more '.repeat(150)}"`,
      () => `"${name}`,
      () => `https://shop.example/a?q=${word}&r=${percent(word)}`,
      () => `/a#${word}`,
    ])();
  }

  /** What follows the last slash of a path: one segment that looks like an id. */
  function segment(place: string): string {
    const word = secret(place);
    return pick([() => `${word}@shop.example`, () => digits(place), () => percent(word), () => `${word}999`])();
  }
  const query = (place: string) => `?q=${bare(place)}&${secret(place)}=${percent(secret(place))}#${bare(place)}`;

  /** Attributes that nobody reads, on whatever element. */
  const unread = (tag: string) =>
    `title="${escaped(bare(`title of ${tag}`))}" data-name="${escaped(bare(`data of ${tag}`))}" class="${secret(`class of ${tag}`)}" style="--x:'${secret(`style of ${tag}`)}'"`;

  /** Attributes that are read unless they are masked. */
  function read(tag: string, mark: Mark): string {
    if (mark)
      return maybe()
        ? `id="${secret(`masked id of ${tag}`)}" name="${secret(`masked name of ${tag}`)}" data-testid="${secret(`masked testid of ${tag}`)}" aria-label="${escaped(bare(`masked aria of ${tag}`))}"`
        : '';
    const { aria, testid } = { aria: maybe(0.3), testid: maybe(0.3) };
    return [
      aria && `aria-label="Call ${escaped(scrubbable(`aria of ${tag}`))}"`,
      testid &&
        `data-testid="${escaped(pick([() => `${secret(`testid of ${tag}`)}@a`, () => digits(`testid of ${tag}`)])())}"`,
    ]
      .filter(Boolean)
      .join(' ');
  }

  /** Markers for an element, and what they make of the mark around it: the nearest wins, ignoring over masking over unmasking. */
  function marked(around: Mark): [attributes: string, mark: Mark] {
    if (maybe(0.6)) return ['', around];
    const names = MARKERS.filter(() => maybe(0.3));
    if (!names.length) return ['', around];
    const has = (...any: string[]) => names.some((name) => any.includes(name));
    return [
      names.join(' '),
      has('data-irk-ignore') ? 'ignore' : has('data-irk-mask', 'data-private') ? 'mask' : undefined,
    ];
  }

  /** The text of a control. */
  function caption(place: string, { mark, editable }: Around): string {
    const own = mark || editable ? bare(`masked ${place}`) : scrubbable(place);
    const parts = [
      () => escaped(own),
      () => `<input type="hidden" value="${escaped(bare(`hidden input in ${place}`))}">`,
      () =>
        `<svg width="9" height="9"><title>${secret(`svg title in ${place}`)}</title><text>${secret(`svg text in ${place}`)}</text></svg>`,
      () => `<i hidden>${bare(`hidden in ${place}`)}</i>`,
      () => `<i style="display:none">${bare(`not displayed in ${place}`)}</i>`,
      () => `<noscript>${bare(`noscript in ${place}`)}</noscript>`,
      () => `<datalist><option>${bare(`datalist in ${place}`)}</option></datalist>`,
      () => `<template>${bare(`template in ${place}`)}</template>`,
      () => `<style>.x::after{content:"${secret(`css in ${place}`)}"}</style>`,
      () => `<!-- ${bare(`comment in ${place}`)} -->`,
      () => `<img alt="${bare(`alt in ${place}`)}">`,
      () => `<b data-irk-mask>${bare(`masked part of ${place}`)}</b>`,
      () => `<b data-irk-ignore>${bare(`ignored part of ${place}`)}</b>`,
      () => `<b data-private><u>${bare(`private part of ${place}`)}</u></b>`,
      () => `<b contenteditable>${bare(`editable part of ${place}`)}</b>`,
      () => `<x-c><template shadowrootmode="open">${bare(`shadow part of ${place}`)}</template></x-c>`,
      () => `<canvas width="9" height="9">${bare(`canvas in ${place}`)}</canvas>`,
    ];
    const some = parts.filter((_, index) => index === 0 || maybe(0.2)).map((part) => part());
    return `Pay ${some.sort(() => random() - 0.5).join(' ')}`;
  }

  /** A thing that is clicked: what has `data-hit`. Into `data-hit=text` is typed as well. */
  const leaves: Array<(around: Around) => string> = [
    (around) => {
      const type = pick([
        'text',
        'email',
        'search',
        'tel',
        'url',
        'submit',
        'button',
        'reset',
        'checkbox',
        'range',
        'date',
      ]);
      const [marks, mark] = marked(around.mark);
      const field = `<input data-hit="${/^(text|email|search|tel|url)$/.test(type) ? 'text' : ''}" type="${type}" value="${escaped(bare(`value of ${type}`))}" placeholder="${escaped(bare(`placeholder of ${type}`))}" ${marks} ${unread(type)} ${read(type, mark)}>`;
      return maybe() ? field : `<label>${caption('label', around)} ${field}</label>`;
    },
    () =>
      `<input data-hit="text" type="password" value="${secret('password')}" aria-label="${bare('aria of password')}" name="${secret('name of password')}"><button type="button" data-hit onclick="this.previousSibling.type=this.previousSibling.type==='text'?'password':'text'">Show</button>`,
    () =>
      `<button type="button" data-hit onclick="this.nextSibling.type='text'">Show</button><input data-hit="text" type="password" value="${secret('shown password')}" aria-label="${bare('aria of shown password')}" id="${secret('id of shown password')}">`,
    ({ mark }) =>
      `<textarea data-hit="text" placeholder="${escaped(bare('placeholder of textarea'))}" ${read('textarea', mark)}>${bare('textarea')}</textarea>`,
    ({ mark }) =>
      `<div data-hit="text" contenteditable="${pick(['', 'true', 'plaintext-only'])}" ${read('editable', mark)} style="cursor:pointer">${bare('editable')} <b>${bare('part of editable')}</b></div>`,
    ({ mark }) =>
      `<select data-hit="select" ${pick(['', 'size="3"'])} ${read('select', mark)}><optgroup label="${secret('optgroup')}"><option value="${secret('value of option')}">${bare('option')}</option><option label="${secret('label of option')}">${bare('option')}</option></optgroup></select>`,
    () =>
      `<label>City <input data-hit="text" list="d"><datalist id="d"><option value="${secret('value of datalist')}">${bare('datalist')}</option></datalist></label>`,
    (around) => {
      const [marks, mark] = marked(around.mark);
      const tag = pick([
        'button type="button"',
        'a href="#top"',
        'summary',
        'div role="button"',
        'div style="cursor:pointer"',
        'div onclick="0"',
        'li role="option"',
      ]);
      return `<${tag} data-hit ${marks} ${unread('control')} ${read('control', mark)}>${caption('control', { ...around, mark })}</${tag.split(' ')[0]}>`;
    },
    (around) =>
      `<a data-hit href="${escaped(`/a/${segment('path of link')}${query('link')}`)}" ping="/status/200">${caption('link', around)}</a>`,
    () =>
      `<svg width="200" height="20"><${pick(['a href="#top"', 'g role="button"', 'g onclick="0"', 'g style="cursor:pointer"'])} data-hit><rect width="99" height="20"/><text y="12">${secret('svg text')}</text></svg>`,
    () => `<p data-hit>${bare('paragraph')} <b>${bare('part of paragraph')}</b></p>`,
    () => `<table><tr><td data-hit ${unread('cell')}>${bare('cell')}</td></tr></table>`,
    ({ mark }) =>
      `<div role="${pick(['alert', 'status'])}" data-hit="copy" ${read('alert', mark)}>${bare('alert')}</div>`,
    () => `<style>.after::after{content:"${secret('css content')}"}</style><p class="after" data-hit>Terms</p>`,
    () =>
      `<x-c data-hit style="cursor:pointer"><template shadowrootmode="closed"><button>${bare('closed shadow')}</button></template></x-c>`,
    () => `<canvas data-hit width="50" height="9" style="cursor:pointer">${bare('fallback of canvas')}</canvas>`,
    () => `<video data-hit width="50" height="20" style="cursor:pointer">${bare('fallback of video')}</video>`,
    ({ mark }) =>
      `<iframe width="300" height="60" title="${bare('title of frame')}" ${mark ? `name="${secret('name of masked frame')}"` : ''} srcdoc="${escaped(`<title>${secret('title in frame')}</title><p data-hit>${bare('text in frame')}</p><button data-hit>Pay ${escaped(mark ? bare('masked button in frame') : scrubbable('button in frame'))}</button><input data-hit="text" value="${secret('value in frame')}">`)}"></iframe>`,
    ({ form }) =>
      form
        ? ''
        : `<form onsubmit="answer(event)" action="${escaped(`/a/${segment('action')}${query('action')}`)}"><p>${bare('text in form')}</p><input name="${pick(['control', 'labels', 'type', 'id', 'q'])}" data-hit="text" value="${secret('value in form')}" ${pick(['', 'required', 'pattern="[a]"'])}><select name="${pick(['labels', 'role', 'x'])}"><option>${bare('option in form')}</option></select><input type="hidden" name="t" value="${secret('token')}"><button data-hit>Send</button></form>`,
    // Errors.
    () => {
      const message = pick([
        (text: string) => text,
        (text: string) => `Cannot find ${text} here`,
        (text: string) => `it's ${text}`,
      ])(scrubbable('message'));
      const how = pick([
        'throw new Error(M)',
        'Promise.reject(new TypeError(M))',
        'Promise.reject({name:"AppError",message:M})',
        'setTimeout(()=>{throw new Error(M)})',
        'throw Object.assign(new Error(M),{message:"Cannot load"})',
        'Promise.reject(Object.assign(new Error(M),{message:"Cannot load"}))',
      ]);
      return `<button type="button" data-hit onclick="${how.replace('M', quoted(message).replaceAll('$', '$$$$'))}">Pay</button>`;
    },
    () =>
      `<button type="button" data-hit onclick="${pick(['throw M', 'Promise.reject(M)', 'JSON.parse(M)', 'document.querySelector(M+" [")', 'Promise.reject(new Error("no \\""+M+"\\""))', 'new URL(M)', 'null[M+" x"]', 'Promise.reject(new Error("no \\"http://a.example/"+M+":1:2\\""))', 'Promise.reject(new Error("no \\"http://a.example/"+M+":80\\" here"))']).replace('M', quoted(secret('thrown')))}">Pay</button>`,
    // Requests.
    () => {
      const to = pick([
        () => `/status/${pick([500, 404, 200])}/${segment('path of request')}${query('request')}`,
        () => `/cut/${segment('path of cut request')}${query('cut request')}`,
        () => `data:text/plain,${bare('data URL')}`,
        () => `data:text/plain;base64,${btoa(secret('base64 data URL'))}`,
        () => `http://[${segment('wrong URL')}${query('wrong URL')}`,
        () => `nowhere:x/${bare('unknown scheme')}`,
        () => `http://${secret('user in URL')}:${secret('password in URL')}@127.0.0.1:1/a${query('dead request')}`,
      ])();
      const how = pick([
        'fetch(U)',
        'fetch(new Request(U))',
        'fetch(U,{method:"POST",body:U})',
        '{const x=new XMLHttpRequest();x.open("PUT",U);x.setRequestHeader("x-a","b");x.send(U)}',
      ]);
      return `<button type="button" data-hit onclick="${how.replaceAll('U', quoted(to).replaceAll('$', '$$$$'))}">Pay</button>`;
    },
    // Where the page is.
    () => {
      const to = escaped(JSON.stringify(`${segment('path')}${query('address')}`));
      const how = pick([
        `history.pushState({a:${quoted(secret('state'))}},${quoted(secret('title of state'))},${to})`,
        `history.replaceState(0,'',${to})`,
        `location.hash=${quoted(bare('hash'))}`,
        `document.title=${quoted(bare('title'))}`,
        `localStorage.setItem('shop.x',${quoted(bare('storage'))})`,
        `window.name=${quoted(bare('name'))}`,
      ]);
      return `<button type="button" data-hit onclick="${how}">Pay</button>`;
    },
  ];

  function tree(around: Around, depth: number): string {
    const inner = (next: Partial<Around>) => {
      const inside = { ...around, ...next };
      const count = depth ? 1 + Math.floor(random() * 2) : 1;
      return Array.from({ length: count }, () =>
        depth && maybe(0.75) ? tree(inside, depth - 1) : pick(leaves)(inside),
      ).join('');
    };
    const [marks, mark] = marked(around.mark);
    const own = `${marks} ${mark && maybe() ? `id="${secret('id of masked ancestor')}"` : ''}`;
    return pick([
      () => `<div ${own} ${unread('div')}>${inner({ mark })}</div>`,
      () => `<section ${own}><h3>${bare('heading')}</h3>${inner({ mark })}</section>`,
      () => `<x-a ${own}><template shadowrootmode="open">${inner({ mark })}</template></x-a>`,
      () => {
        // The light tree is shown inside of the shadow tree.
        const [slotMarks, slotMark] = marked(mark);
        return `<x-b ${own}><template shadowrootmode="open"><div ${slotMarks}><slot></slot></div></template>${inner({ mark: slotMark })}</x-b>`;
      },
      () => {
        // A control of the shadow tree, named by the light one.
        const [slotMarks, slotMark] = marked(mark);
        return `<x-d ${own}><template shadowrootmode="open"><button type="button" data-hit ${slotMarks}><slot></slot></button></template>${caption('slotted caption', { ...around, mark: slotMark })}</x-d>`;
      },
      () => (around.form ? inner({}) : `<form onsubmit="answer(event)" ${own}>${inner({ mark, form: true })}</form>`),
      () =>
        `<div contenteditable ${own}>${bare('editable')} <a href="#top" data-hit>${bare('link in editable')}</a> <i contenteditable="false"><button type="button" data-hit>${bare('mention in editable')}</button></i></div>`,
      () =>
        `<details open ${own}><summary data-hit>${caption('summary', { ...around, mark })}</summary>${inner({ mark })}</details>`,
    ])();
  }

  const html = Array.from({ length: 3 }, () => tree({ mark: undefined, editable: false, form: false }, 3)).join('\n');
  return { seed, html, typed: capital(secret('typed')), secrets };
}

/** So much of a canary (characters) is a leak. */
const PIECE = 6;

/** Undoes what may disguise a text: case, escapes, foreign digits, and what stands between its letters. */
function plain(text: string): string {
  return text
    .replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .normalize('NFKC')
    .replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x660))
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '');
}

/** Base 64 inside of a text, decoded. */
const decoded = (text: string) =>
  (text.match(/[\w+/]{8,}/g) ?? []).map((part) => Buffer.from(part, 'base64').toString('latin1'));

/** The digits of a time that is now may be those of a number anywhere. */
const isTime = (key: string) => Math.abs(Number(key) - Date.now()) < 86_400_000;

/** The strings in a JSON value, keys included. What is left out are ids that the SDK draws at random, and times by which it stores. */
function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) =>
    /^(sid|page)$/.test(key) ? [] : [...(isTime(key) ? [] : [key]), ...strings(child)],
  );
}

/** The canaries of some pages of which a piece is in a text, each with its page and place. The text is JSON or anything else. */
export function leaks(pages: FuzzPage[], text: string): string[] {
  let parts = [text];
  try {
    parts = strings(JSON.parse(text));
  } catch {}
  const owners = new Map<string, string>();
  for (const { seed, secrets } of pages)
    for (const [word, place] of secrets)
      for (let at = 0; at + PIECE <= word.length; at++)
        owners.set(word.slice(at, at + PIECE), `page ${seed}: ${place} (${word})`);
  const found = new Set<string>();
  for (const part of parts)
    for (const form of [part, ...decoded(part)].map(plain))
      for (let at = 0; at + PIECE <= form.length; at++) {
        const owner = owners.get(form.slice(at, at + PIECE));
        if (owner) found.add(`${owner} in ${part.slice(0, 200)}`);
      }
  return [...found];
}
