import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSite, type PageSource, type Site, type Visit } from './site';

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());

/** Opens a page, lets `act` use it, and returns the clicks that were reported. */
async function clicksOn(source: PageSource, act: (visit: Visit) => Promise<unknown>, count = 1) {
  const visit = await site.visit(source);
  await act(visit);
  const clicks = await visit.arrived('click', count);
  expect(visit.faults).toEqual([]);
  await visit.context.close();
  return clicks;
}

describe.concurrent('how a page answers a click', () => {
  test('a dead button answers nothing for 2.5 s', async () => {
    const [click] = await clicksOn({ body: '<button data-testid="pay">Pay now</button>' }, ({ page }) =>
      page.click('button'),
    );
    expect(click).toMatchObject({
      type: 'click',
      el: { sel: 'button[data-testid=pay]', role: 'button', label: 'Pay now', click: true },
      after: {},
      bg: 0,
      observed: 2500,
      ptr: 'mouse',
      detail: 1,
    });
  });

  test('a handler that updates synchronously is an answer', async () => {
    const [click] = await clicksOn(
      {
        body: '<button>Add</button><p>0</p>',
        script: `document.querySelector('button').onclick = () => { document.querySelector('p').textContent = '1'; }`,
      },
      ({ page }) => page.click('button'),
    );
    expect(click?.after?.mut).toBeLessThan(100);
  });
});
