import { describe, expect, test } from 'vitest';
import { routeOf, urlOf } from '../../src/lib/route';
import { scrub } from '../../src/lib/scrub';

describe('scrub', () => {
  test.each([
    ['Pay now', 'Pay now'],
    ['Pay $49.99 now', 'Pay # now'],
    ['Write to ann@shop.example today', 'Write to # today'],
    ['Order a1b2-c3', 'Order #'],
    ['٤٥٦ items', '# items'],
    ['  two\n lines ', 'two lines'],
    ['"Jane Doe" is not valid JSON', '… is not valid JSON'],
    ['bad "a" and "b" here', 'bad … here'],
    ['failed https://shop.example/cart?name=ann#top', 'failed https://shop.example/cart…'],
    ["Don't show, I'm sure", "Don't show, I'm sure"],
    ["'#Jane Doe' is not a valid selector", '… is not a valid selector'],
    ["I can't find 'Jane Doe'", "I can't find …"],
    ['“Jane Doe” is taken', '… is taken'],
    ['„Jane“ und »Ann« fehlen', '… fehlen'],
    ['no "Jane Doe, whose end was cut off', 'no …'],
    ["undefined (reading 'name')", "undefined (reading 'name')"],
    ["undefined (reading 'Jane Doe')", 'undefined (reading …)'],
    ['Failed to parse http://[x?q=Jane Doe', 'Failed to parse http://[x…'],
    ['12 m² or 5 m²', '# # or # #'],
    ['Iterator value Jane is not an entry object', 'Iterator v…'],
    ['Cannot add property Jane, object is not extensible', 'Cannot …'],
    ['Cannot redefine property: Jane', 'Cannot rede…'],
    ["사용자'Jane'을 찾을 수 없습니다", '사용자…을 찾을 수 없습니다'],
    ['´Jane´ fehlt', '… fehlt'],
    ['jane＠shop.example', '#'],
  ])('%j becomes %j', (text, expected) => {
    expect(scrub(text, 40)).toBe(expected);
  });

  test('cuts what is too long', () => {
    expect(scrub('word '.repeat(1_000_000), 9)).toBe('word word');
  });
});

describe('routeOf', () => {
  test.each([
    ['/', '/'],
    ['/checkout', '/checkout'],
    ['/orders/8412', '/orders/:id'],
    ['/orders/7', '/orders/:id'],
    ['/v1/page2.html', '/v1/page2.html'],
    ['/u/ann@shop.example/', '/u/:id/'],
    ['/u/ann%40shop', '/u/:id'],
    ['/d/3f2b8c1e-77aa-4d10', '/d/:id'],
    [`/d/${'x'.repeat(33)}`, '/d/:id'],
    ['/reset/WxZnMWAT5ZvTTIEvAOimCR', '/reset/:id'],
    ['/invite/c-_2AVndFW-cNokQSEPcs', '/invite/:id'],
    ['/AccountSettingsPage/internationalization', '/AccountSettingsPage/internationalization'],
  ])('%s is %s', (path, route) => {
    expect(routeOf(path)).toBe(route);
  });
});

describe('urlOf', () => {
  test('leaves out the page’s own origin, the query and the fragment', () => {
    expect(urlOf(`${location.origin}/a/123?b=c#d`)).toBe('/a/:id');
  });

  test('keeps a foreign origin, without credentials', () => {
    expect(urlOf('https://ann:secret@api.example/users?q=1')).toBe('https://api.example/users');
  });

  test('tells nothing of what is no URL', () => {
    expect(urlOf('http://[')).toBeUndefined();
  });

  test.each(['data:text/plain,Jane', 'mailto:Jane', 'javascript:Jane'])(
    'tells nothing of %s, which has no path',
    (href) => {
      expect(urlOf(href)).toBeUndefined();
    },
  );
});
