// From runs to figures.

/** The value below which a share of the values lies. Undefined of none. */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

export const median = (values) => quantile(values, 0.5);

/** What is told as more than the page without any SDK has. */
const BESIDES = ['scriptMs', 'listeners', 'heapMb'];

/** Of several runs on one page, `[{name, throttle, …figures}]`, the medians by throttle and name. */
export function summarized(runs) {
  const summary = {};
  for (const throttle of new Set(runs.map((run) => run.throttle))) {
    const rows = {};
    for (const name of new Set(runs.map((run) => run.name))) {
      const own = runs.filter((run) => run.name === name && run.throttle === throttle);
      const figures = Object.keys(own[0]).filter((key) => key !== 'name' && key !== 'throttle');
      rows[name] = Object.fromEntries(figures.map((figure) => [figure, median(own.map((run) => run[figure]))]));
    }
    const nothing = { ...rows.nothing };
    for (const row of Object.values(rows)) for (const figure of BESIDES) row[figure] -= nothing[figure];
    summary[throttle] = rows;
  }
  return summary;
}

/** Title, figure, digits. */
const COLUMNS = [
  ['gzip B', 'gzip', 0],
  ['brotli B', 'brotli', 0],
  ['script ms', 'scriptMs', 1],
  ['self ms', 'selfMs', 1],
  ['init ms', 'initMs', 2],
  ['p99 ms', 'p99Ms', 3],
  ['long tasks', 'longTasks', 0],
  ['listeners', 'listeners', 0],
  ['heap MB', 'heapMb', 3],
  ['sent B', 'sentBytes', 0],
  ['requests', 'requests', 0],
];

/** The figures of one throttle, a contender a line, the least time of its own first. */
export function table(rows) {
  const names = Object.keys(rows).sort((a, b) => rows[a].selfMs - rows[b].selfMs);
  const line = (cells) => cells.map((cell, n) => (n ? cell.padStart(11) : cell.padEnd(18))).join('');
  return [
    line(['', ...COLUMNS.map(([title]) => title)]),
    ...names.map((name) => line([name, ...COLUMNS.map(([, figure, digits]) => rows[name][figure].toFixed(digits))])),
  ].join('\n');
}
