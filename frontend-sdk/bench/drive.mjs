// One visit to the bench page by real input, and what it cost.
import { shareOf } from './profile.mjs';
import { quantile } from './summary.mjs';

const CLICKS = 52;
const KEYS = 88;
const MOVES = 300;
/** One sample in so many µs. With ten times as many, the page itself needs 40 % more CPU, and each function with it. */
const SAMPLED_US = 1000;
/** Until the last click has been watched for an answer. What has not been sent by then is sent on the way out. */
const SETTLE_MS = 3_000;
const SDK = '/contender.js';

/** Moves the pointer over the list, clicks on its rows, types into the field, in turns. */
async function use(page) {
  const { mouse, keyboard } = page;
  let [clicks, keys, moves] = [0, 0, 0];
  for (let turn = 0; turn < CLICKS; turn++) {
    const [x, y] = [20 + (turn % 5) * 30, 60 + (turn % 12) * 20];
    for (; moves < ((turn + 1) * MOVES) / CLICKS; moves++) await mouse.move(x + (moves % 7) * 9, y + (moves % 5));
    // Onto the row's button, which stands after "Lamp" and a price.
    const button = await page.evaluate((n) => {
      const { x, y } = document.querySelectorAll('#rows button')[n].getBoundingClientRect();
      return [x + 4, y + 4];
    }, turn % 20);
    await mouse.click(button[0], button[1]);
    clicks++;
    if (turn % 13 === 12) {
      await page.locator('#query').focus();
      for (; (keys < (clicks / CLICKS) * KEYS) | 0; keys++) await keyboard.press(keys % 11 === 10 ? 'Backspace' : 'a');
    }
    await page.waitForTimeout(20);
  }
}

async function metricsOf(devtools) {
  const { metrics } = await devtools.send('Performance.getMetrics');
  return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
}

/**
 * Visits the page with a contender, in a browser context of its own, with the CPU slowed down `throttle` times. Returns
 * times in ms, `heapMb` and `listeners` of the whole page after a garbage collection, and what was sent.
 */
export async function visit(browser, site, contender, throttle) {
  site.serve(contender.code);
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  try {
    const page = await context.newPage();
    const devtools = await context.newCDPSession(page);
    // CPU time of the page's thread: what other processes do meanwhile does not count.
    await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
    await devtools.send('Profiler.enable');
    await devtools.send('Profiler.setSamplingInterval', { interval: SAMPLED_US });
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: throttle });
    await devtools.send('Profiler.start');
    await page.goto(site.origin);
    await use(page);
    await page.waitForTimeout(SETTLE_MS);
    const used = await metricsOf(devtools);
    const { profile } = await devtools.send('Profiler.stop');
    // Profiled functions keep more than others.
    await devtools.send('Profiler.disable');
    const seen = await page.evaluate(() => window.bench);
    await devtools.send('HeapProfiler.collectGarbage');
    const kept = await metricsOf(devtools);
    // What is sent on the way out counts, too.
    await page.goto('about:blank');
    await page.waitForTimeout(300);
    return {
      name: contender.name,
      throttle,
      gzip: contender.gzip,
      brotli: contender.brotli,
      scriptMs: used.ScriptDuration * 1000,
      selfMs: shareOf(profile, site.origin + SDK) * used.ThreadTime * 1000,
      initMs: seen.initMs,
      p99Ms: quantile(seen.handlerMs, 0.99) ?? 0,
      handled: seen.handlerMs.length,
      longTasks: seen.longTasks,
      listeners: kept.JSEventListeners,
      heapMb: kept.JSHeapUsedSize / 2 ** 20,
      sentBytes: site.sent.bytes,
      requests: site.sent.requests,
    };
  } finally {
    await context.close();
  }
}
