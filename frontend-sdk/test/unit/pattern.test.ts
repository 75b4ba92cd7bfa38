import { expect, test } from 'vitest';
import { type Params, pageOf, patternOf, segmentsIn, segmentsOf } from '../../src/next/pattern';

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
  // What is no parameter may still be an id: of a page that was not found, of a rewritten address.
  ['/orders/8412/secret', {}, '/orders/:id/secret'],
  ['/u/ann@shop.example', { id: '7' }, '/u/:id'],
  // Under a `basePath`.
  ['/shop', {}, '/shop'],
  ['/shop/orders/8412', { id: '8412' }, '/shop/orders/[id]'],
])('%s with %j is %s', (path, params, pattern) => {
  expect(patternOf(path, segmentsOf(params))).toBe(pattern);
});

test('a path with an escape that is none has no pattern', () => {
  expect(() => patternOf('/files/100%', [])).toThrow(URIError);
});

/** The tree of a page, as Next.js 16 keeps it: with what else a dynamic segment could be, and where to ask for it again. */
const chain = (...segments: unknown[]): unknown[] =>
  segments.reduceRight<unknown[]>(
    (below, segment) => [segment, { children: below }, null, null, 16],
    ['__PAGE__?{"q":["a","b"]}', {}, ['/orders/5', ''], null, 512],
  );

/** The tree of a page with parallel slots beside it. */
const beside = ([segment, slots]: unknown[], others: object): unknown[] => [
  segment,
  { ...(slots as object), ...others },
];

const siblings = ['(.)photos', 'about', 'dash', 'd'];
const id = ['id', '8412', 'd', siblings];
/** A parallel slot of `@auth/[...all]/page`, which is there to show nothing. */
const auth = (path: string) => ({ auth: chain('(__SLOT__)', ['all', path, 'c', siblings]) });
/** A parallel slot that shows a photo in place of what its path leads to. */
const modal = { modal: chain('(__SLOT__)', '(.)photos', ['id', '5', 'd', []]) };

test.each<[path: string, tree: unknown, pattern: string]>([
  ['/', chain(''), '/'],
  ['/orders/8412', chain('', 'orders', id), '/orders/[id]'],
  ['/orders/8412/', chain('', 'orders', id), '/orders/[id]'],
  ['/shop', chain(''), '/shop'],
  ['/shop/orders/8412', { tree: chain('', 'orders', id), renderedSearch: '?q=["8412",{' }, '/shop/orders/[id]'],
  // What Next.js 14 keeps.
  [
    '/users/ann+bo',
    [
      '',
      { children: ['users', { children: [['name', 'ann%2Bbo', 'd'], { children: ['__PAGE__', {}] }] }] },
      null,
      true,
    ],
    '/users/[name]',
  ],
  ['/en/docs/a/b', chain('', ['lang', 'en', 'd'], '(help)', 'docs', ['slug', 'a/b', 'oc']), '/[lang]/docs/[...slug]'],
  ['/docs', chain('', 'docs', ['slug', '', 'oc']), '/docs'],
  // What a folder is called is no id.
  ['/docs/v1-2-3', chain('', 'docs', 'v1-2-3'), '/docs/v1-2-3'],
  // What a folder is called may be what stands before it, too.
  ['/team/settings/settings', chain('', 'team', ['team', 'settings', 'd'], 'settings'), '/team/[team]/settings'],
  ['/en/docs/en', chain('', ['lang', 'en', 'd'], 'docs', ['page', 'en', 'd']), '/[lang]/docs/[page]'],
  // The catch-all of a parallel slot, of the whole app or a part of it, beside the page.
  ['/about', beside(chain('', 'about'), auth('about')), '/about'],
  ['/orders/8412', beside(chain('', 'orders', id), auth('orders/8412')), '/orders/[id]'],
  [
    '/dash/about',
    ['', { children: beside(chain('dash', 'about'), auth('dash/about')), ...auth('dash/about') }],
    '/dash/about',
  ],
  // A parallel slot that has intercepted the path, over another page.
  ['/photos/5', beside(chain(''), modal), '/photos/[id]'],
  ['/photos/5', beside(chain('', 'photos'), modal), '/photos/[id]'],
  ['/photos/5', beside(chain('', 'orders', id), modal), '/photos/[id]'],
  // What was rewritten, and what was not found.
  ['/u/ann', chain('', 'users', ['name', 'ann', 'd']), '/u/[name]'],
  ['/about', chain('', ['lang', 'en', 'd'], 'about'), '/about'],
  ['/orders/8412/secret', chain('', '/_not-found'), '/orders/:id/secret'],
  // Of a Next.js that keeps something else there.
  ['/orders/8412', undefined, '/orders/:id'],
  ['/orders/8412', null, '/orders/:id'],
  ['/orders/8412', { route: 7 }, '/orders/:id'],
])('%s with the tree %j is %s', (path, tree, pattern) => {
  expect(patternOf(path, segmentsIn(tree))).toBe(pattern);
});

const pages = [
  '/',
  '/_app',
  '/about',
  '/docs',
  '/docs/[[...slug]]',
  '/files/[...path]',
  '/orders/new',
  '/orders/[id]',
  '/[lang]/x.y',
];

test.each([
  ['/', '/'],
  ['/about', '/about'],
  ['/about/', '/about'],
  ['/docs', '/docs'],
  ['/docs/a/b', '/docs/[[...slug]]'],
  ['/files/a/b/', '/files/[...path]'],
  ['/orders/new', '/orders/new'],
  ['/orders/8412', '/orders/[id]'],
  ['/orders/8412/', '/orders/[id]'],
  ['/en/x.y', '/[lang]/x.y'],
  // What the Pages Router tells where there is no middleware.
  ['/orders/[id]', '/orders/[id]'],
  ['/docs/[[...slug]]', '/docs/[[...slug]]'],
  ['/orders/8412/items', undefined],
  ['/about-us', undefined],
  ['/docsearch', undefined],
])('the page that shows %s is %s', (path, page) => {
  expect(pageOf(path, pages)).toBe(page);
});

test('no page is known before Next.js has told which there are', () => {
  expect(pageOf('/about', undefined)).toBe(undefined);
});
