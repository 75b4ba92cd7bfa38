import { beforeEach, expect, test, vi } from 'vitest';
import type { WireEvent } from '../../src/wire';

let queue: typeof import('../../src/lib/queue');
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  vi.resetModules();
  queue = await import('../../src/lib/queue');
});

const event = (t = performance.now(), name = 'x'): WireEvent => ({ n: 0, t, type: 'track', route: '/', name });

test('events leave 5 s after the first of them happened, also if it was watched before it came', () => {
  const flush = vi.fn();
  const start = performance.now();
  vi.advanceTimersByTime(2500);
  queue.add(event(start), flush);
  queue.add(event(start + 2000), flush);
  vi.advanceTimersByTime(2499);
  expect(flush).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(flush).toHaveBeenCalledTimes(1);
});

test('fifty events leave at once', () => {
  const flush = vi.fn();
  for (let i = 0; i < 50; i++) queue.add(event(), flush);
  expect(flush).toHaveBeenCalledTimes(1);
  expect(queue.take()).toHaveLength(50);
  expect(queue.take()).toEqual([]);
});
