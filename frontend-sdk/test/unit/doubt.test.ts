import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { Doubt } from '../../src/lib/doubt';

let background: typeof import('../../src/lib/background');
let settled: typeof import('../../src/lib/doubt').settled;
beforeEach(async () => {
  vi.resetModules();
  background = await import('../../src/lib/background');
  ({ settled } = await import('../../src/lib/doubt'));
});

const END = 4500;
const within = (from: number, every: number, to = END) =>
  Array.from({ length: Math.ceil((to - from) / every) }, (_, n) => from + n * every);

/** What is told of a click at 0, if nodes mutate at these times (ms), and it is quiet from 1 s on. */
function told(...nodes: Array<[Node, number[]]>) {
  background.disturb(0);
  const doubts: Doubt[] = [];
  const moments = nodes.flatMap(([target, times]) => times.map((at) => ({ target, at })));
  for (const { target, at } of moments.sort((a, b) => a.at - b.at)) {
    const record = { target, attributeName: 'title', addedNodes: [], removedNodes: [] } as never as MutationRecord;
    const odd = background.unusual([record], at);
    if (odd) doubts.push([at, odd]);
  }
  return settled(doubts, END);
}

const list = () => {
  const parent = document.createElement('ul');
  parent.innerHTML = '<li></li>'.repeat(20);
  return [...parent.children];
};
const node = () => document.createElement('p');

describe('of what mutated after a click', () => {
  test('nothing is nothing', () => {
    expect(told()).toEqual(['bg', undefined]);
  });

  test('once is an answer', () => {
    expect(told([node(), [300]])).toEqual(['mut', 300]);
  });

  test.each([50, 200, 1000])('every %s ms goes on by itself', (period) => {
    expect(told([node(), within(period / 2, period)])).toEqual(['bg', period / 2]);
  });

  test('the rows of a list go on by themselves, also the last of a round', () => {
    const rows = list().map((row, n): [Node, number[]] => [row, within(10 + 50 * n, 1000)]);
    expect(told(...rows)).toEqual(['bg', 10]);
  });

  test.each([100, 1000])('a stopwatch of %s ms answers', (period) => {
    expect(told([node(), within(period + 2, period)])).toEqual(['mut', period + 2]);
  });

  test('a stopwatch beside a clock answers', () => {
    const parent = document.createElement('div');
    parent.innerHTML = '<p></p><div></div>';
    const [clock, watch] = parent.children as never as [Node, Node];
    expect(told([clock, within(20, 50)], [watch, within(102, 100)])).toEqual(['mut', 102]);
  });

  test('what comes with every frame may have begun with it', () => {
    expect(told([node(), within(8, 16)])).toEqual(['mut', 8]);
  });

  test.each([1600, 3600])('what comes several times and ends after %d ms answers', (end) => {
    expect(told([node(), within(100, 250, end)])).toEqual(['mut', 100]);
  });
});
