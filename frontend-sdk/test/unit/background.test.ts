import { beforeEach, expect, test, vi } from 'vitest';

let background: typeof import('../../src/lib/background');
beforeEach(async () => {
  vi.resetModules();
  background = await import('../../src/lib/background');
});

const record = (target: Node, attributeName: string | null = null, added: Node[] = []) =>
  ({ target, attributeName, addedNodes: added, removedNodes: [] }) as never as MutationRecord;

/** Lets a batch of mutations come at each of these times (ms). */
const mutate = (records: MutationRecord[], ...times: number[]) => {
  for (const at of times) background.unusual(records, at);
};
/** Whether a mutation is usual, asked when nothing is learnt. */
const isUsual = (...records: MutationRecord[]) => {
  background.disturb(1e6);
  return !background.unusual(records, 1e6);
};

test('what mutates twice in a quiet spell does so by itself', () => {
  const clock = record(document.createElement('p'));
  background.disturb(0, 0);
  mutate([clock], 100, 1100);
  expect(isUsual(clock)).toBe(true);
});

test('what mutated once may be an answer', () => {
  const answer = record(document.createElement('p'));
  background.disturb(0, 0);
  mutate([answer], 100);
  expect(isUsual(answer)).toBe(false);
});

test('what mutates within a second of a press may be its answer', () => {
  const answer = record(document.createElement('p'));
  background.disturb(0);
  mutate([answer], 300, 900);
  expect(isUsual(answer)).toBe(false);
});

test('slow answers to two presses are no ticker', () => {
  const answer = record(document.createElement('p'));
  for (const at of [0, 5000]) {
    background.disturb(at);
    mutate([answer], at + 1500);
  }
  expect(isUsual(answer)).toBe(false);
});

test('a node that animates its style still answers with its class, a list with another item', () => {
  const bar = document.createElement('p');
  const toast = Object.assign(document.createElement('li'), { className: 'toast' });
  const tick = Object.assign(document.createElement('li'), { className: 'tick' });
  background.disturb(0, 0);
  mutate([record(bar, 'style'), record(bar, null, [tick])], 100, 400);
  expect(isUsual(record(bar, 'style'))).toBe(true);
  expect(isUsual(record(bar, null, [tick]))).toBe(true);
  expect(isUsual(record(bar, 'class'))).toBe(false);
  expect(isUsual(record(bar, null, [toast]))).toBe(false);
});

test('one answer among a hundred rows that mutate by themselves is found', () => {
  const rows = Array.from({ length: 100 }, () => record(document.createElement('li')));
  const answer = record(document.createElement('p'));
  background.disturb(0, 0);
  mutate(rows, 100, 400, 700);
  expect(isUsual(...rows)).toBe(true);
  expect(isUsual(...rows, answer)).toBe(false);
  expect(isUsual(answer)).toBe(false);
});

/** Children of one parent, and the mutation of an attribute of each. */
const siblings = (html: string, attribute: string) => {
  const parent = document.createElement('div');
  parent.innerHTML = html;
  return [...parent.children].map((child) => record(child, attribute)) as [MutationRecord, ...MutationRecord[]];
};

test('slides that take turns do so by themselves, and so does one whose turn has not come yet', () => {
  const [last, beside, first, second, third] = siblings('<p></p><b></b><p></p><p></p><p></p>', 'class');
  background.disturb(0, 1);
  mutate([first, second] as MutationRecord[], 3000);
  mutate([second, third] as MutationRecord[], 6000);
  expect(isUsual(last)).toBe(true);
  expect(background.goesOn(last, 1e6 + 5000)).toBe(true);
  expect(isUsual(beside as MutationRecord)).toBe(false);
  expect(isUsual(record(last.target, 'style'))).toBe(false);
});

test('slides of which each has its turn after a press may be answers', () => {
  const [last, first, second] = siblings('<p></p><p></p><p></p>', 'class');
  background.disturb(0, 1);
  mutate([first as MutationRecord], 3000);
  background.disturb(4000);
  mutate([second as MutationRecord], 6000);
  expect(isUsual(last)).toBe(false);
});

test('one of many siblings that mutates by itself does not speak for the others', () => {
  const [bar, other] = siblings('<p></p><p></p>', 'style');
  background.disturb(0, 1);
  mutate([bar], 1000, 2000, 3000);
  expect(isUsual(bar)).toBe(true);
  expect(isUsual(other as MutationRecord)).toBe(false);
});

test('what goes on by itself is known as such for as long as it goes on', () => {
  const clock = record(document.createElement('p'));
  background.disturb(0, 0);
  mutate([clock], 100, 400);
  expect(background.goesOn(clock, 500)).toBe(true);
  mutate([clock], 1000);
  expect(background.goesOn(clock, 6900)).toBe(true);
  expect(background.goesOn(clock, 7100)).toBe(false);
  expect(background.goesOn(record(document.createElement('p')), 100)).toBe(false);
});

test('rows of a list are of one kind, a row and a paragraph beside it are not', () => {
  const list = document.createElement('ul');
  list.innerHTML = '<li></li><li></li><p></p>';
  background.disturb(1e6);
  const [row, other, beside] = [...list.children].map((node) => background.unusual([record(node)], 1e6));
  expect(other).toMatchObject({ parent: list, kind: row?.kind });
  expect(beside?.kind).not.toBe(row?.kind);
});

test('the rate is that of the latest quiet spell, in batches per second', () => {
  expect(background.rate).toBe(0);
  background.disturb(0, 0);
  for (let at = 50; at <= 2000; at += 50) background.unusual([record(document.body)], at);
  background.disturb(2000);
  expect(background.rate).toBe(20);
  background.disturb(2100);
  expect(background.rate).toBe(20);
});

test('what came to rest while the page was looked at is over, what goes on is not', () => {
  const clock = record(document.createElement('p'));
  const chart = record(document.createElement('p'), 'style');
  background.disturb(0, 0);
  mutate([chart], 100, 400, 900);
  mutate([clock], ...Array.from({ length: 10 }, (_, n) => 1000 * (n + 1)));
  background.conclude(10_500, 'rest');
  expect([isUsual(clock), isUsual(chart)]).toEqual([true, false]);
});

test('of many that go on, none is over because one stands for all while somebody does something', () => {
  const rows = Array.from({ length: 9 }, () => record(document.createElement('p')));
  background.disturb(0, 0);
  mutate(rows, 100, 400, 900);
  background.disturb(1000);
  mutate(rows, 1200, 1700);
  background.disturb(2000, Number.POSITIVE_INFINITY);
  mutate(rows, ...Array.from({ length: 9 }, (_, n) => 2000 + 1000 * n));
  background.conclude(10_500, 'rest');
  expect(rows.map((row) => isUsual(row))).toEqual(rows.map(() => true));
});

test('what an input has begun, and goes on with every frame, is its answer however long it takes', () => {
  const slide = record(document.createElement('p'), 'style');
  background.disturb(0);
  mutate([slide], ...Array.from({ length: 100 }, (_, n) => 16 * n));
  expect(isUsual(slide)).toBe(false);
});
