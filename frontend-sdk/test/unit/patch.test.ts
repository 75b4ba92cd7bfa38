import { expect, test, vi } from 'vitest';
import { patched } from '../../src/lib/patch';

const owner = () => ({
  add(a: number, b: number): number {
    if (Number.isNaN(a)) throw new RangeError('no number');
    return a + b;
  },
});

test('a patched function is the same to its callers', () => {
  const object = owner();
  const { add } = object;
  const calls: unknown[] = [];
  const undo = patched(object, 'add', (args) => {
    calls.push(args);
    return undefined;
  });
  expect(object.add).not.toBe(add);
  expect([object.add.name, object.add.length, `${object.add}`]).toEqual([add.name, add.length, `${add}`]);
  expect(object.add(1, 2)).toBe(3);
  expect(() => object.add(Number.NaN, 2)).toThrow(RangeError);
  expect(calls).toHaveLength(2);
  undo();
  expect(object.add).toBe(add);
});

test('what an object has from its prototype is patched there, where others look for it', () => {
  const prototype = owner();
  const { add } = prototype;
  const object = Object.create(prototype) as ReturnType<typeof owner>;
  const around = vi.fn(() => undefined);
  const undo = patched(object, 'add', around);
  expect([object.add(1, 2), around.mock.calls.length, Object.keys(object)]).toEqual([3, 1, []]);
  undo();
  expect(prototype.add).toBe(add);
});

test('a function behind a getter is patched, and the getter given back', () => {
  const { add } = owner();
  const object = Object.defineProperty({}, 'add', { get: () => add, configurable: true }) as ReturnType<typeof owner>;
  const around = vi.fn(() => undefined);
  const undo = patched(object, 'add', around);
  expect(object.add(1, 2)).toBe(3);
  expect(around).toHaveBeenCalledOnce();
  undo();
  expect(Object.getOwnPropertyDescriptor(object, 'add')?.get?.()).toBe(add);
});

test('a fault of ours stays ours', () => {
  const object = owner();
  patched(object, 'add', () => {
    throw new Error('ours');
  });
  expect(object.add(1, 2)).toBe(3);
  const other = owner();
  patched(other, 'add', () => () => {
    throw new Error('ours');
  });
  expect(other.add(1, 2)).toBe(3);
});

test('undoing leaves what somebody else has patched on top, and is quiet below it', () => {
  const object = owner();
  const around = vi.fn(() => undefined);
  const undo = patched(object, 'add', around);
  const ours = object.add;
  const theirs = (a: number, b: number) => ours(a, b);
  object.add = theirs;
  undo();
  expect(object.add).toBe(theirs);
  expect(object.add(1, 2)).toBe(3);
  expect(around).not.toHaveBeenCalled();
});

test('what sets a property is the same to its callers', () => {
  class Field {
    text = '';
    get value(): string {
      return this.text;
    }
    set value(text: string) {
      if (text === 'no') throw new RangeError('not that');
      this.text = text;
    }
  }
  const before = Object.getOwnPropertyDescriptor(Field.prototype, 'value');
  const calls: unknown[] = [];
  const undo = patched(
    Field.prototype,
    'value',
    ([text], self) => {
      calls.push([text, self.value]);
      return undefined;
    },
    'set',
  );
  const now = Object.getOwnPropertyDescriptor(Field.prototype, 'value');
  expect([now?.get, now?.enumerable, now?.configurable]).toEqual([before?.get, before?.enumerable, true]);
  expect([now?.set?.name, now?.set?.length, `${now?.set}`]).toEqual([
    before?.set?.name,
    before?.set?.length,
    `${before?.set}`,
  ]);
  const field = new Field();
  field.value = 'a';
  // As React does, which takes the setter from the prototype.
  now?.set?.call(field, 'b');
  expect(field.value).toBe('b');
  expect(() => {
    field.value = 'no';
  }).toThrow(RangeError);
  undo();
  expect(Object.getOwnPropertyDescriptor(Field.prototype, 'value')).toEqual(before);
  field.value = 'c';
  expect(calls).toEqual([
    ['a', ''],
    ['b', 'a'],
    ['no', 'b'],
  ]);
});
