// What arrives of ours: from pages that are left at once, and at what weight.

const NAVIGATIONS = 200;
const CLICKS = 600;
/** By then a request that was sent on the way out has arrived. */
const LAST_MS = 2_000;

/** Each event once, and how many came again. */
function received({ batches }) {
  const events = new Map();
  let again = 0;
  for (const { page, events: sent } of batches)
    for (const event of sent) {
      const id = `${page} ${event.n}`;
      if (events.has(id)) again++;
      events.set(id, event);
    }
  return { events: [...events.values()], again };
}

async function openPage(browser, site, contender) {
  site.serve(contender.code);
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(site.origin);
  return { context, page };
}

/**
 * Clicks, whereupon the page goes elsewhere within 50 ms, again and again: of each page, three events are due, `page`,
 * `click` and `leave`. Returns the share of them that arrived, how many came twice (they are stored once, by their
 * ids), and the longest time from a click to its page's end in ms, which is longer where the machine is busy.
 */
export async function delivery(browser, site, contender) {
  const { context, page } = await openPage(browser, site, contender);
  const waited = [];
  for (let n = 0; n < NAVIGATIONS; n++) {
    await page.evaluate((n) => {
      addEventListener('click', () => {
        localStorage.clickedAt = Date.now();
        setTimeout(() => location.assign(`/?${n}`), n % 45);
      });
      addEventListener('pagehide', () => {
        localStorage.leftAt = Date.now();
      });
    }, n);
    await page
      .locator('#rows button')
      .nth(n % 10)
      .click({ noWaitAfter: true });
    await page.waitForURL(`**/?${n}`);
    waited.push(await page.evaluate(() => localStorage.leftAt - localStorage.clickedAt));
  }
  await page.goto('about:blank');
  await page.waitForTimeout(LAST_MS);
  await context.close();
  const { events, again } = received(site.sent);
  const count = (type) => events.filter((event) => event.type === type).length;
  // The page that was opened last was left without a click.
  const due = { page: NAVIGATIONS + 1, click: NAVIGATIONS, leave: NAVIGATIONS + 1 };
  const arrived = Object.keys(due).reduce((sum, type) => sum + Math.min(count(type), due[type]), 0);
  const all = Object.values(due).reduce((sum, number) => sum + number, 0);
  return { navigations: NAVIGATIONS, share: arrived / all, again, longestMs: Math.max(...waited) };
}

/** Bytes of request bodies for an event, as they travelled, of somebody who clicks all the time. */
export async function weight(browser, site, contender) {
  const { context, page } = await openPage(browser, site, contender);
  for (let n = 0; n < CLICKS; n++) await page.mouse.click(100 + (n % 40), 60 + (n % 30) * 20);
  await page.waitForTimeout(6_000);
  const { bytes } = site.sent;
  const { events } = received(site.sent);
  await context.close();
  return { events: events.length, bytesPerEvent: bytes / events.length };
}
