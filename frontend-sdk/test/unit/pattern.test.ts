import { expect, test } from 'vitest';
import { baseOf, type Params, paramsOf, patternOf } from '../../src/next/pattern';

test.each<[path: string, params: Params, pattern: string]>([
  ['/', {}, '/'],
  ['/cart', {}, '/cart'],
  ['/orders/8412', { id: '8412' }, '/orders/[id]'],
  ['/orders/8412/', { id: '8412' }, '/orders/[id]'],
  ['/orders/ann', { id: 'ann' }, '/orders/[id]'],
  ['/ann', { user: 'ann' }, '/[user]'],
  ['/en/orders/8412/items/7', { lang: 'en', id: '8412', item: '7' }, '/[lang]/orders/[id]/items/[item]'],
  ['/docs/a/b', { slug: ['a', 'b'] }, '/docs/[...slug]'],
  ['/en/docs/a/b', { lang: 'en', slug: ['a', 'b'] }, '/[lang]/docs/[...slug]'],
  // An optional catch-all that caught nothing.
  ['/docs', { slug: undefined }, '/docs'],
  ['/docs', { slug: [] }, '/docs'],
  ['/docs', { slug: '' }, '/docs'],
  // Values that stand more than once, or within others.
  ['/orders/orders', { id: 'orders' }, '/orders/[id]'],
  ['/1/1', { a: '1', b: '1' }, '/[a]/[b]'],
  ['/order/order-1', { id: 'order-1' }, '/order/[id]'],
  ['/a/1/11', { id: '1' }, '/a/[id]/:id'],
  ['/a.c/abc', { id: 'abc' }, '/a.c/[id]'],
  ['/files/a%20b', { name: 'a%20b' }, '/files/[name]'],
  // Browsers spell a path with fewer escapes than Next.js its parameters.
  ['/tags/c++', { tag: 'c%2B%2B' }, '/tags/[tag]'],
  ['/users/ann@shop.example', { email: 'ann%40shop.example' }, '/users/[email]'],
  ['/files/Doe:Jane/a,b', { path: ['Doe%3AJane', 'a%2Cb'] }, '/files/[...path]'],
  ['/files/100%', { name: 'x' }, '/files/:id'],
  // What is no parameter may still be an id: of a page that was not found, of a rewritten address.
  ['/orders/8412/secret', {}, '/orders/:id/secret'],
  ['/u/ann@shop.example', { id: '7' }, '/u/:id'],
  // The catch-all of a parallel slot beside the page.
  ['/orders/8412', { id: '8412', all: ['orders', '8412'] }, '/orders/[id]'],
])('%s with %j is %s', (path, params, pattern) => {
  expect(patternOf(path, params)).toBe(pattern);
});

test.each([
  ['/shop/orders/8412', '/orders/8412', '/shop'],
  ['/shop', '/', '/shop'],
  ['/shop/', '/', '/shop'],
  ['/orders', '/orders', ''],
  ['/', '/', ''],
])('what stands before the paths of an app: of %s, which it calls %s, %j', (address, path, base) => {
  expect(baseOf(address, path)).toBe(base);
});

test.each<[tree: unknown, params: Params]>([
  [
    [
      '',
      { children: ['orders', { children: [['id', 'ann%2Bbo', 'd', null], { children: ['__PAGE__', {}] }] }] },
      null,
      true,
    ],
    { id: 'ann%2Bbo' },
  ],
  [
    { tree: ['', { children: [['lang', 'en', 'd'], { children: [['slug', 'a/b', 'oc'], {}] }] }] },
    { lang: 'en', slug: ['a', 'b'] },
  ],
  [['', { children: ['cart', {}] }], {}],
  [undefined, {}],
  [null, {}],
])('the parameters of what %j shows', (tree, params) => {
  expect(paramsOf(tree)).toEqual(params);
});
