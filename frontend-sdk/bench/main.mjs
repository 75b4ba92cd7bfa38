// bin/bench sdk: what an SDK costs the page it is on, ours and others', and what of ours arrives.
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { contenders } from './bundle.mjs';
import { delivery, weight } from './delivery.mjs';
import { visit } from './drive.mjs';
import { openSite } from './site.mjs';
import { summarized, table } from './summary.mjs';

const USAGE = `bin/bench sdk [--json] [--quick] [--runs N] [--only NAME,…]
One page whose 300 rows change at 20 Hz, driven by real input, without an SDK and with each of several, in shuffled order.
  --runs N   visits of each contender at each speed (15)
  --quick    3 visits of each
  --only     these contenders, beside the page without any, and ours
  --json     the last line is one JSON object`;
const THROTTLES = [1, 4];
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean' },
    quick: { type: 'boolean' },
    help: { type: 'boolean' },
    runs: { type: 'string' },
    only: { type: 'string' },
  },
});
const say = (text) => process.stdout.write(`${text}\n`);

/** The same elements in random order, each order as likely as any other. */
function shuffled(elements) {
  const left = [...elements];
  return elements.map(() => left.splice(Math.floor(Math.random() * left.length), 1)[0]);
}

async function main() {
  if (options.help) return say(USAGE);
  const rounds = Number(options.runs ?? (options.quick ? 3 : 15));
  if (!(rounds >= 1)) throw new Error(`--runs is a number of at least 1, not ${options.runs}.`);
  const chosen = await contenders(options.only?.split(','));
  const ours = chosen.find(({ name }) => name === 'irk');

  const browser = await chromium.launch({
    executablePath: process.env.IRK_CHROMIUM || '/usr/bin/chromium',
    args: FLAGS,
  });
  const site = await openSite();
  try {
    say(`${cpus().length} cores, Chromium ${browser.version()}, ${rounds} visits each; medians`);
    const runs = [];
    for (let round = 1; round <= rounds; round++) {
      const visits = chosen.flatMap((contender) => THROTTLES.map((throttle) => [contender, throttle]));
      for (const [contender, throttle] of shuffled(visits)) {
        process.stderr.write(`round ${round} of ${rounds}: ${contender.name} at ${throttle}×\n`);
        runs.push(await visit(browser, site, contender, throttle));
      }
    }
    const summary = summarized(runs);
    for (const throttle of THROTTLES) say(`\nCPU ${throttle}× slower\n${table(summary[throttle])}`);

    const arrived = await delivery(browser, site, ours);
    const weighed = await weight(browser, site, ours);
    say(
      `\n${(arrived.share * 100).toFixed(2)} % of the events of ${arrived.navigations} pages arrived that were left at most ` +
        `${arrived.longestMs} ms after the last click; ${arrived.again} came twice.\n` +
        `${weighed.bytesPerEvent.toFixed(1)} bytes an event in a session of ${weighed.events} events.`,
    );
    if (options.json) say(JSON.stringify({ rounds, at: summary, delivery: arrived, weight: weighed }));
  } finally {
    await browser.close();
    await site.close();
  }
}

await main().catch((error) => {
  process.stderr.write(`error: ${error.message}\n`);
  process.exitCode = 1;
});
