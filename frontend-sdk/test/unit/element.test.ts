import { beforeEach, describe, expect, test } from 'vitest';
import { described } from '../../src/lib/element';
import { labelOf } from '../../src/lib/label';
import { markOf } from '../../src/lib/mask';
import { selectorOf } from '../../src/lib/selector';

function it(html: string): Element {
  document.body.innerHTML = html;
  return document.querySelector('#it, [data-it]') as Element;
}

beforeEach(() => {
  document.body.innerHTML = '';
});

describe('selectorOf', () => {
  test.each([
    ['<button data-it data-testid="pay">Pay</button>', 'button[data-testid=pay]'],
    ['<button id="it">Pay</button>', 'button#it'],
    ['<input data-it name="card">', 'input[name=card]'],
    ['<nav id="top"><a></a><a data-it></a></nav>', 'nav#top > a:nth-child(2)'],
    ['<p></p><p data-it></p>', 'body > p:nth-child(2)'],
    // Names given at run time or after a person.
    ['<nav id="top"><a data-it id="radix-12-34"></a></nav>', 'nav#top > a:nth-child(1)'],
    ['<nav id="top"><a data-it id=":r1:"></a></nav>', 'nav#top > a:nth-child(1)'],
    ['<nav id="top"><a data-it data-testid="ann@shop.example"></a></nav>', 'nav#top > a:nth-child(1)'],
  ])('%s is %s', (html, selector) => {
    expect(selectorOf(it(html), false)).toBe(selector);
  });

  test('names at most five ancestors', () => {
    const deep = it(`${'<div>'.repeat(20)}<b data-it></b>`);
    expect(selectorOf(deep, false).split(' > ')).toHaveLength(6);
  });

  test('crosses shadow roots', () => {
    const host = it('<my-card id="it"></my-card>');
    host.attachShadow({ mode: 'open' }).innerHTML = '<i></i><b></b>';
    expect(selectorOf(host.shadowRoot?.querySelector('b') as Element, false)).toBe('my-card#it > b:nth-child(2)');
  });

  test.each([
    ['<b data-irk-component="Pay"><i data-it data-testid="card">', '[data-irk-component=Pay] i[data-testid=card]'],
    ['<b data-irk-component="Pay"><i data-it>', '[data-irk-component=Pay] > i:nth-child(1)'],
    // A name above the component would make a selector that matches nothing.
    [
      '<b id="top" data-irk-component="Pay"><p><i data-it>',
      '[data-irk-component=Pay] > p:nth-child(1) > i:nth-child(1)',
    ],
    ['<b data-irk-component="Pay"><p id="by"><i data-it>', '[data-irk-component=Pay] p#by > i:nth-child(1)'],
    ['<b data-irk-component="Shop"><b data-irk-component="Pay"><i id="it">', '[data-irk-component=Pay] i#it'],
    // What is a component itself is told by where it stands.
    ['<b data-irk-component="Shop"><i id="it" data-irk-component="Pay">', '[data-irk-component=Shop] i#it'],
    ['<b data-irk-component="Pay" data-irk-mask><i id="it">', '[data-irk-component=Pay] i#it'],
    // Not a name that a developer gave.
    ['<b data-irk-component="ann@shop.example"><i id="it">', 'i#it'],
    ['<b data-irk-component="x] , *"><i id="it">', 'i#it'],
  ])('begins with the nearest component that the element is in: %s is %s', (html, selector) => {
    const element = it(html);
    expect(selectorOf(element, false)).toBe(selector);
    expect(document.querySelector(selector)).toBe(element);
  });

  test('finds the component outside of a shadow root, and at any distance', () => {
    const host = it(`<b data-irk-component="Pay">${'<p>'.repeat(9).replaceAll('p', 'div')}<my-card id="it"></my-card>`);
    host.attachShadow({ mode: 'open' }).innerHTML = '<i></i><b></b>';
    const prefix = '[data-irk-component=Pay] my-card#it';
    expect(selectorOf(host, false)).toBe(prefix);
    expect(selectorOf(host.shadowRoot?.querySelector('b') as Element, false)).toBe(`${prefix} > b:nth-child(2)`);
  });

  test('tells of a masked element only its place', () => {
    expect(selectorOf(it('<nav id="top"><a data-it data-testid="ann"></a></nav>'), true)).toBe(
      'nav#top > a:nth-child(1)',
    );
  });
});

describe('markOf', () => {
  test.each([
    ['<b data-it></b>', undefined],
    ['<p data-irk-mask><b data-it></b></p>', 'mask'],
    ['<p data-private><b data-it></b></p>', 'mask'],
    ['<p data-irk-mask><i data-irk-unmask><b data-it></b></i></p>', undefined],
    ['<p data-irk-unmask><i data-irk-mask><b data-it></b></i></p>', 'mask'],
    ['<b data-it data-irk-mask data-irk-unmask></b>', 'mask'],
    ['<p data-irk-ignore><b data-it></b></p>', 'ignore'],
    ['<b data-it data-irk-ignore data-irk-mask></b>', 'ignore'],
  ])('%s is %s', (html, mark) => {
    expect(markOf(it(html))).toBe(mark);
  });

  test('a password field stays masked when it is shown', () => {
    const field = it('<input id="it" type="password">') as HTMLInputElement;
    expect(markOf(field)).toBe('mask');
    field.type = 'text';
    expect(markOf(field)).toBe('mask');
  });
});

describe('labelOf', () => {
  test.each([
    ['<button id="it">Pay <b>now</b></button>', 'Pay now'],
    ['<button id="it" aria-label="Close">x</button>', 'Close'],
    ['<button id="it" data-testid="menu"><svg><text>x</text></svg></button>', 'menu'],
    ['<button id="it"></button>', undefined],
    ['<label>Name <input id="it" value="Ann"></label>', 'Name'],
    ['<button id="it">Call 0151 2345</button>', 'Call # #'],
    ['<span id="it" aria-label="March 17, 1990">17</span>', '#'],
    ['<span id="it" aria-label="Samstag, 17. März ١٩٩٠">17</span>', '#'],
    ['<button id="it" aria-label="Go to page 2">2</button>', 'Go to page #'],
    ['<button id="it" aria-label="Pay 12.50">x</button>', 'Pay #'],
  ])('%s is called %s', (html, label) => {
    expect(labelOf(it(html), true, '')).toBe(label);
  });

  test('content that is no control has no label', () => {
    expect(labelOf(it('<p id="it">Dear Ann</p>'), false, '')).toBeUndefined();
  });
});

test('what is ignored is not described', () => {
  expect(described(it('<form id="it" data-irk-ignore></form>'))).toBeUndefined();
  expect(described(it('<form id="it"></form>'))).toMatchObject({ sel: 'form#it', role: 'form' });
});

test.each([
  [
    'text',
    ['<input id="it">', '<textarea id="it"></textarea>', '<input id="it" type="url">', '<input id="it" type="tel">'],
  ],
  ['text', ['<input id="it" type="email">', '<input id="it" type="number">', '<input id="it" type="search">']],
  ['select', ['<select id="it"></select>', '<input id="it" type="datetime-local">', '<input id="it" type="month">']],
  ['select', ['<input id="it" type="time">', '<input id="it" type="color">', '<input id="it" type="file">']],
  [undefined, ['<div id="it"></div>', '<button id="it"></button>', '<a id="it"></a>', '<form id="it"></form>']],
  [undefined, ['<input id="it" type="checkbox">', '<input id="it" type="range">', '<input id="it" type="submit">']],
])('a click does %s by itself on %j', (kind, elements) => {
  expect(elements.map((html) => described(it(html))?.kind)).toEqual(elements.map(() => kind));
});
