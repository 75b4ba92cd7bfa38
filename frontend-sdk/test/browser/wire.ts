/** The wire format as docs/wire.md has it, checked strictly: a field that the page does not name is a fault of the SDK. */

export interface SentElement {
  sel: string;
  role?: string;
  label?: string;
  kind?: string;
  click?: boolean;
}

export interface SentEvent {
  n: number;
  t: number;
  type: string;
  route: string;
  el?: SentElement;
  after?: Record<string, number>;
  [field: string]: unknown;
}

export interface SentBatch {
  sid: string;
  page: string;
  seq: number;
  try: number;
  origin: number;
  sentMono: number;
  sentWall: number;
  ctx: Record<string, unknown>;
  events: SentEvent[];
}

type Check = (value: unknown) => boolean;

const whole: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const int: Check = (value) => Number.isSafeInteger(value);
const ms: Check = (value) => Number.isFinite(value) && (value as number) >= 0 && (value as number) < 2 ** 32;
const text =
  (max: number): Check =>
  (value) =>
    typeof value === 'string' && value.length > 0 && value.length <= max;
const id: Check = (value) => typeof value === 'string' && /^[A-Za-z0-9_-]{8,64}$/.test(value);
const oneOf =
  (...values: unknown[]): Check =>
  (value) =>
    values.includes(value);

const KINDS = ['link', 'newtab', 'download', 'external', 'text', 'select', 'media', 'canvas', 'label'];
const ANSWERS = 'mut bg req nav scroll sel input focus dlg dl win media vis err'.split(' ');

const ELEMENT: Record<string, Check> = {
  sel: text(300),
  role: text(64),
  label: text(40),
  kind: oneOf(...KINDS),
  click: oneOf(true),
};
const element: Check = (value) => problems(value, ELEMENT, ['sel']).length === 0;
const after: Check = (value) => problems(value, Object.fromEntries(ANSWERS.map((kind) => [kind, ms])), []).length === 0;

const COMMON: Record<string, Check> = { n: whole, t: ms, type: text(16), route: text(512) };

const TYPES: Record<string, [fields: Record<string, Check>, required: string[]]> = {
  page: [
    { nav: oneOf('load', 'reload', 'push', 'replace', 'back', 'bfcache'), from: text(512), status: whole },
    ['nav'],
  ],
  click: [
    {
      el: element,
      x: int,
      y: int,
      after,
      bg: ms,
      observed: ms,
      detail: whole,
      mods: text(4),
      ptr: oneOf('mouse', 'touch', 'pen'),
      button: whole,
      shift: whole,
      shiftAgo: whole,
    },
    ['el', 'x', 'y', 'after', 'bg', 'observed', 'detail'],
  ],
  submit: [
    { el: element, how: oneOf('submit', 'invalid'), status: whole, after, observed: ms },
    ['el', 'how', 'after', 'observed'],
  ],
  field: [
    { el: element, how: oneOf('replace'), form: text(300), edits: whole, clears: whole, dur: ms },
    ['el', 'edits', 'clears', 'dur'],
  ],
  error: [{ kind: oneOf('error', 'rejection'), message: text(200), source: text(512) }, ['kind', 'message']],
  request: [{ method: text(16), url: text(600), status: whole, dur: ms }, ['method', 'url', 'status', 'dur']],
  leave: [{ dur: ms, how: oneOf('reload') }, ['dur']],
  return: [{ dur: ms }, ['dur']],
  scroll: [{ el: element, dist: int, dur: ms }, ['dist', 'dur']],
  pointer: [{ el: element, turns: whole, dist: whole, dur: ms }, ['el', 'turns', 'dist', 'dur']],
  zoom: [{ scale: whole }, ['scale']],
  copy: [{ el: element, age: whole }, ['el']],
  interaction: [{ el: element, dur: ms, how: oneOf('pointer', 'key') }, ['dur', 'how']],
  track: [{ name: text(64) }, ['name']],
};

const BATCH: Record<string, Check> = {
  v: oneOf(1),
  sdk: text(32),
  sid: id,
  page: id,
  seq: whole,
  try: whole,
  origin: int,
  sentMono: ms,
  sentWall: int,
  ctx: (value) =>
    problems(
      value,
      {
        release: text(256),
        environment: text(64),
        user: text(256),
        device: oneOf('desktop', 'mobile', 'tablet'),
        viewport: (pair) => Array.isArray(pair) && pair.length === 2 && pair.every(int),
        lang: text(64),
      },
      [],
    ).length === 0,
  events: (value) => Array.isArray(value) && value.length > 0 && value.length <= 500,
};

function problems(value: unknown, fields: Record<string, Check>, required: string[]): string[] {
  if (typeof value !== 'object' || value === null) return ['not an object'];
  const object = value as Record<string, unknown>;
  return [
    ...required.filter((name) => !(name in object)).map((name) => `${name} is missing`),
    ...Object.entries(object)
      .filter(([name, field]) => !fields[name]?.(field))
      .map(([name, field]) => `${name} must not be ${JSON.stringify(field)}`),
  ];
}

/** Everything that is wrong with a batch, in words. Empty if nothing is. */
export function wireProblems(batch: unknown): string[] {
  const found = problems(batch, { ...BATCH, lost: whole }, Object.keys(BATCH));
  if (found.length) return found;
  return (batch as SentBatch).events.flatMap((event) => {
    const [fields, required] = TYPES[event.type] ?? [{}, []];
    return problems(event, { ...COMMON, ...fields }, [...Object.keys(COMMON), ...required]).map(
      (problem) => `${event.type} ${event.n}: ${problem}`,
    );
  });
}
