import { expect, test } from 'vitest';
// @ts-expect-error: a script, without types.
import { shareOf } from '../../bench/profile.mjs';
// @ts-expect-error: a script, without types.
import { median, quantile, summarized, table } from '../../bench/summary.mjs';

const SDK = 'http://shop.example/sdk.js';
const frame = (id: number, functionName: string, url: string, children: number[]) => ({
  id,
  callFrame: { functionName, url },
  children,
});

/** The app calls the SDK, which reads a style and calls back into the app. */
const nodes = [
  frame(1, '(root)', '', [2, 3, 4]),
  frame(2, '(idle)', '', []),
  frame(3, '(garbage collector)', '', []),
  frame(4, 'handle', 'http://shop.example/app.js', [5]),
  frame(5, 'record', SDK, [6, 7]),
  frame(6, 'getComputedStyle', '', []),
  frame(7, 'route', 'http://shop.example/app.js', []),
];

test.each([
  ['nothing but waiting', [2, 2, 2], 0],
  ['the script itself', [4, 5, 4, 5], 0.5],
  ['what the browser does for it', [6, 4], 0.5],
  ['not what it calls of others, nor garbage, nor waiting', [5, 7, 3, 2, 4], 0.25],
])('the share of a script has %s', (_, samples, share) => {
  // The first delta is the time before the first sample.
  expect(shareOf({ nodes, samples, timeDeltas: [999, ...samples.map(() => 100)] }, SDK)).toBe(share);
});

test('samples count by how long they last', () => {
  expect(shareOf({ nodes, samples: [5, 4], timeDeltas: [0, 300, 100] }, SDK)).toBe(0.75);
});

test('quantiles are values that were measured', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(quantile([...Array(200).keys()], 0.99)).toBe(198);
  expect(quantile([7], 0.99)).toBe(7);
});

test('medians are by contender and speed, and told beside the page without any', () => {
  const run = (name: string, throttle: number, selfMs: number, scriptMs: number) => ({
    ...{ name, throttle, selfMs, scriptMs, gzip: 1, brotli: 1, initMs: 1, p99Ms: 0.1, longTasks: 0 },
    ...{ listeners: 5, heapMb: 2, sentBytes: 9, requests: 1 },
  });
  const summary = summarized([
    ...[run('nothing', 1, 0, 10), run('irk', 1, 5, 17), run('irk', 1, 1, 12), run('irk', 1, 3, 13)],
    ...[run('nothing', 4, 0, 40), run('irk', 4, 9, 60)],
  ]);
  expect(summary[1].irk).toMatchObject({ selfMs: 3, scriptMs: 3, listeners: 0, heapMb: 0, gzip: 1 });
  expect(summary[4].irk).toMatchObject({ selfMs: 9, scriptMs: 20 });
  const lines = table(summary[1]).split('\n');
  expect(lines.map((line: string) => line.split(' ')[0])).toEqual(['', 'nothing', 'irk']);
});
