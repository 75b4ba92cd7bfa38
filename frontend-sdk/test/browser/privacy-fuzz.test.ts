import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FuzzPage, fuzzPage, leaks } from './privacy-pages';
import { openSite, type Site, type Visit } from './site';

/**
 * `IRK_FUZZ_PAGES=2000 IRK_FUZZ_SEED=1 npm run test:browser -- privacy-fuzz` tries 2,000 pages. A leak names its page: the same
 * page alone is tried again with that number as the seed, and 1 as the number of pages.
 */
const PAGES = Number(process.env.IRK_FUZZ_PAGES ?? 120);
const SEED = Number(process.env.IRK_FUZZ_SEED ?? 1);
/** Tabs that run side by side, and pages that a tab shows in one document before it leaves. */
const TABS = Math.min(3, PAGES);
const PER_DOCUMENT = 10;

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());

/** What the document of a tab can do: show a page, and say where its next thing to click is. */
const STAGE = `
  const deep = (root) => [...root.querySelectorAll('*')].flatMap((e) => [
    ...(e.matches('[data-hit]') ? [e] : []),
    ...(e.shadowRoot ? deep(e.shadowRoot) : []),
    ...(e.localName === 'iframe' && e.contentDocument ? deep(e.contentDocument) : []),
  ]);
  let hits = [];
  window.show = async (html) => {
    document.body.setHTMLUnsafe(html);
    scrollTo(0, 0);
    const frames = [...document.querySelectorAll('iframe')];
    await Promise.all(frames.map((frame) => new Promise((done) => { frame.onload = done; setTimeout(done, 500); })));
    hits = deep(document);
    return hits.length;
  };
  window.aim = (index) => {
    const hit = hits[index];
    if (!hit.isConnected) return null;
    hit.scrollIntoView({ block: 'center', behavior: 'instant' });
    let { x, y, width, height } = hit.getBoundingClientRect();
    for (let frame = hit.ownerDocument.defaultView.frameElement; frame; frame = null) {
      const box = frame.getBoundingClientRect();
      x += box.x; y += box.y;
    }
    if (!width || !height) return null;
    return { x: x + Math.min(9, width / 2), y: y + Math.min(9, height / 2), kind: hit.dataset.hit };
  };
  // Nothing leads away from here, and forms are answered.
  addEventListener('click', (e) => {
    const link = e.composedPath().find((node) => node.localName === 'a' && node.getAttribute('href'));
    if (link && !link.getAttribute('href').startsWith('#')) e.preventDefault();
  });
window.answer = (e) => { e.preventDefault(); fetch('/status/422', { method: 'POST' }).catch(() => {}); };
`;

/** Clicks on everything, types into whatever takes it, copies. Returns how many clicks that were. */
async function use(visit: Visit, { html, typed }: FuzzPage): Promise<number> {
  const { page } = visit;
  const count = await page.evaluate(`show(${JSON.stringify(html)})`);
  let clicks = 0;
  for (let index = 0; index < Number(count); index++) {
    const hit = (await page.evaluate(`aim(${index})`)) as { x: number; y: number; kind: string } | null;
    if (!hit) continue;
    await page.mouse.click(hit.x, hit.y, { clickCount: hit.kind === 'copy' ? 3 : 1 });
    clicks++;
    if (hit.kind === 'copy') await page.keyboard.press('Control+c');
    if (hit.kind === 'select') await page.keyboard.press('Escape');
    if (hit.kind !== 'text') continue;
    await page.keyboard.insertText(typed);
    await page.keyboard.press(index % 2 ? 'Enter' : 'Backspace');
  }
  return clicks;
}

test('no canary leaves any page, nor is one stored', { timeout: 60_000 + PAGES * 1000 }, async () => {
  const pages = Array.from({ length: PAGES }, (_, index) => fuzzPage(SEED + index));
  const told: Record<string, number> = {};
  const found: string[] = [];
  let clicks = 0;

  async function tab(mine: FuzzPage[]) {
    const visit = await site.visit({
      // What the former document has left behind, before the SDK sends it.
      before: `window.kept = JSON.stringify({ ...localStorage, 'shop.x': undefined }); addEventListener('error', () => {})`,
      script: STAGE,
    });
    for (let at = 0; at < mine.length; at += PER_DOCUMENT) {
      const shown = mine.slice(at, at + PER_DOCUMENT);
      // In every second document the server is away, so that what it would get is stored.
      visit.answers = (at / PER_DOCUMENT) % 2 ? Array(200).fill(503) : [];
      for (const page of shown) {
        const count = await use(visit, page);
        clicks += count;
      }
      await visit.page.goto(visit.url);
      visit.answers = [];
      const { 'irk.s': session, ...kept } = JSON.parse(await visit.page.evaluate('kept')) as Record<string, string>;
      // A random id and a time.
      if (session) expect(session).toMatch(/^[0-9a-z]{9,30},\d{13}$/);
      for (const text of [...visit.bodies, ...visit.heads, ...Object.values(kept)]) found.push(...leaks(shown, text));
      for (const body of visit.bodies)
        for (const { type } of (JSON.parse(body) as { events: Array<{ type: string }> }).events)
          told[type] = (told[type] ?? 0) + 1;
      visit.bodies.length = visit.heads.length = 0;
    }
    expect(visit.faults).toEqual([]);
    await visit.context.close();
  }
  await Promise.all(
    Array.from({ length: TABS }, (_, tabIndex) => tab(pages.filter((_, index) => index % TABS === tabIndex))),
  );

  if (process.env.IRK_FUZZ_LOG)
    writeFileSync(process.env.IRK_FUZZ_LOG, JSON.stringify({ clicks, told, found }, null, 1));
  expect([...new Set(found)].slice(0, 20)).toEqual([]);
  // It was not quiet because nothing was told. A page that is tried again need not have everything.
  expect(told.click).toBeGreaterThan(clicks / 3);
  for (const type of PAGES < 100 ? [] : ['page', 'field', 'submit', 'error', 'request', 'leave'])
    expect(told[type], type).toBeGreaterThan(0);
});

test('a canary that is told is found, whatever it is disguised as', () => {
  const page = fuzzPage(1);
  const [word = ''] = [...page.secrets.keys()].filter((key) => /[a-z]/.test(key));
  const [number = ''] = [...page.secrets.keys()].filter((key) => /\d/.test(key));
  const found = (label: string) => leaks([page], JSON.stringify({ sid: word, events: [{ el: { label } }] })).length;
  expect(found('Pay now')).toBe(0);
  for (const label of [
    `x${word}`,
    word.toUpperCase(),
    word.slice(3, 9),
    [...word].join('%20'),
    Buffer.from(word).toString('base64'),
    number.slice(0, 6),
    number.replace(/(..)/g, '$1-'),
    [...number].map((digit) => String.fromCharCode(0x660 + +digit)).join(''),
  ])
    expect(found(label), label).toBe(1);
  expect(found(word.slice(0, 5))).toBe(0);
});
