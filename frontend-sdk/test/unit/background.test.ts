import { beforeEach, expect, test, vi } from 'vitest';

let background: typeof import('../../src/lib/background');
beforeEach(async () => {
  vi.resetModules();
  background = await import('../../src/lib/background');
});

const record = (target: Node, attributeName: string | null = null, added: Node[] = []) =>
  ({ target, attributeName, addedNodes: added, removedNodes: [] }) as never as MutationRecord;

test('what mutates twice in a quiet spell does so by itself', () => {
  const clock = record(document.createElement('p'));
  background.disturb(0, 0);
  background.learn([clock], 100);
  expect(background.isUsual(clock)).toBe(false);
  background.learn([clock], 1100);
  expect(background.isUsual(clock)).toBe(true);
});

test('what mutates within a second of a press may be its answer', () => {
  const answer = record(document.createElement('p'));
  background.disturb(0);
  background.learn([answer], 300);
  background.learn([answer], 900);
  expect(background.isUsual(answer)).toBe(false);
});

test('slow answers to two presses are no ticker', () => {
  const answer = record(document.createElement('p'));
  for (const at of [0, 5000]) {
    background.disturb(at);
    background.learn([answer], at + 1500);
  }
  expect(background.isUsual(answer)).toBe(false);
});

test('a node that animates its style still answers with its class, a list with another item', () => {
  const bar = document.createElement('p');
  const toast = Object.assign(document.createElement('li'), { className: 'toast' });
  const tick = Object.assign(document.createElement('li'), { className: 'tick' });
  background.disturb(0, 0);
  for (const at of [100, 400]) background.learn([record(bar, 'style'), record(bar, null, [tick])], at);
  expect(background.isUsual(record(bar, 'style'))).toBe(true);
  expect(background.isUsual(record(bar, null, [tick]))).toBe(true);
  expect(background.isUsual(record(bar, 'class'))).toBe(false);
  expect(background.isUsual(record(bar, null, [toast]))).toBe(false);
});

test('the rate is that of the latest quiet spell, in batches per second', () => {
  expect(background.rate(1000)).toBe(0);
  background.disturb(0, 0);
  for (let at = 50; at <= 2000; at += 50) background.learn([record(document.body)], at);
  expect(background.rate(2000)).toBe(20);
  background.disturb(2000);
  expect(background.rate(2100)).toBe(20);
});
