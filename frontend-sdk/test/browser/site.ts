import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { type SentBatch, type SentEvent, wireProblems } from './wire';

const SDK = readFileSync(new URL('../../dist/irk.js', import.meta.url));

export const CHROMIUM = process.env.IRK_CHROMIUM || '/usr/bin/chromium';
export const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** An event together with the page view it belongs to. */
export interface Received extends SentEvent {
  page: string;
  sid: string;
  user: unknown;
}

/** One test's page, server-side settings and what arrived from it. */
export interface Visit {
  page: Page;
  context: BrowserContext;
  url: string;
  batches: SentBatch[];
  /** Raw bodies, unzipped: what really left the page. */
  bodies: string[];
  /** When they came (ms). */
  times: number[];
  /** Addresses and headers of the requests that brought them. */
  heads: string[];
  /** Faults in the format, as `wireProblems` words them. */
  faults: string[];
  /** Errors that the page saw, and lines in its console. */
  noise: string[];
  /** What ingest answers with, one per request; 200 when used up: a status, one with Retry-After (s), or `'cut'`, which closes the connection. */
  answers: Array<number | [status: number, retryAfter: number] | 'cut'>;
  /** All events so far, each once, in the order in which they happened. */
  events(type?: string): Received[];
  /** Waits until `count` events of a type have arrived. */
  arrived(type: string, count?: number): Promise<Received[]>;
  /** Goes elsewhere, and waits until the page's last batch is here. */
  leave(): Promise<void>;
}

/** What the starting rules count as an answer to a click: everything but background mutations and errors. */
export const answers = (click: Received | undefined): string[] =>
  Object.keys(click?.after ?? {}).filter((kind) => kind !== 'bg' && kind !== 'err');

export interface PageSource {
  body?: string;
  script?: string;
  head?: string;
  /** Attributes of the script tag. Null: the page has no SDK. */
  attributes?: string | null;
  /** Runs in the page before anything else. */
  before?: string;
  headers?: Record<string, string>;
  /** That the page is answered with; 200. */
  status?: number;
  /** Of the browser context: a phone, for one. */
  device?: BrowserContextOptions;
}

export interface Site {
  browser: Browser;
  origin: string;
  visit(source: PageSource): Promise<Visit>;
  close(): Promise<void>;
}

function document(source: PageSource): string {
  const { body = '', script = '', head = '', attributes = '', before = '' } = source;
  const tag = attributes === null ? '' : `<script src="/sdk/irk.js" data-key="irk_pk_test" ${attributes}></script>`;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A shop</title><link rel="icon" href="data:,">
${before && `<script>${before}</script>`}${tag}${head}</head><body>${body}${script && `<script>${script}</script>`}</body></html>`;
}

function bodyOf(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', reject);
  });
}

/**
 * A server for the pages and for ingest, and a browser. Every visit has a path of its own, so that visits can run side by side.
 * `without`: flags that Playwright would start the browser with.
 */
export async function openSite(without: string[] = []): Promise<Site> {
  const visits = new Map<string, { source: PageSource; visit: Visit }>();

  async function ingest(request: IncomingMessage, response: ServerResponse, name: string) {
    const raw = await bodyOf(request);
    const known = visits.get(name);
    if (!known) return response.writeHead(404).end();
    const { visit } = known;
    const answer = visit.answers.shift() ?? 200;
    if (answer === 'cut') return request.socket.destroy();
    const text = (raw[0] === 0x1f && raw[1] === 0x8b ? gunzipSync(raw) : raw).toString('utf8');
    visit.bodies.push(text);
    visit.times.push(Date.now());
    visit.heads.push(`${request.url} ${request.rawHeaders.join(' ')}`);
    const batch = JSON.parse(text) as SentBatch;
    visit.faults.push(...wireProblems(batch));
    const [status, seconds] = [answer].flat() as [number, number?];
    if (status === 200) visit.batches.push(batch);
    response
      .writeHead(status, { 'content-type': 'application/json', ...(seconds && { 'retry-after': `${seconds}` }) })
      .end('{"accepted":0,"rejected":[]}');
  }

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const [, first = '', name = ''] = url.pathname.split('/');
    if (first === 'sdk')
      response.writeHead(200, { 'content-type': 'text/javascript', 'access-control-allow-origin': '*' }).end(SDK);
    else if (first === 'ingest') void ingest(request, response, name);
    else if (first === 'status') response.writeHead(Number(name)).end('{}');
    else if (first === 'cut') request.socket.destroy();
    // Browsers ask for it wherever a page names none, and complain in the console.
    else if (first === 'favicon.ico') response.writeHead(204).end();
    else if (first === 'slow') setTimeout(() => response.end('{}'), 20_000).unref();
    else if (first === 'file')
      response.writeHead(200, { 'content-disposition': 'attachment; filename="list.csv"' }).end('a;b');
    else if (first === 'plain') response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Elsewhere</h1>');
    else {
      const known = visits.get(first);
      if (!known) return response.writeHead(404).end();
      const { source } = known;
      response
        .writeHead(source.status ?? 200, {
          'content-type': 'text/html',
          'cache-control': 'no-cache',
          ...source.headers,
        })
        .end(document(source));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS, ignoreDefaultArgs: without });
  let count = 0;

  async function visit(source: PageSource): Promise<Visit> {
    const name = `shop${'abcdefghij'[count % 10]}${'abcdefghij'[Math.floor(count++ / 10)]}`;
    const attributes = source.attributes === null ? null : `data-endpoint="/ingest/${name}" ${source.attributes ?? ''}`;
    const context = await browser.newContext(source.device);
    const page = await context.newPage();
    const seen: Visit = {
      page,
      context,
      url: `${origin}/${name}/`,
      batches: [],
      bodies: [],
      times: [],
      heads: [],
      faults: [],
      noise: [],
      answers: [],
      events(type) {
        const once = new Map<string, Received>();
        for (const { sid, page, ctx, events } of seen.batches)
          for (const event of events) once.set(`${page} ${event.n}`, { ...event, page, sid, user: ctx.user });
        return [...once.values()]
          .filter((event) => !type || event.type === type)
          .sort((a, b) => (a.page === b.page ? a.n - b.n : 0));
      },
      async arrived(type, wanted = 1) {
        for (let tries = 0; seen.events(type).length < wanted; tries++) {
          if (tries > 200) throw new Error(`${wanted} ${type} expected, got ${JSON.stringify(seen.events())}`);
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
        return seen.events(type);
      },
      async leave() {
        const before = seen.events('leave').length;
        await page.goto(`${origin}/plain`);
        await seen.arrived('leave', before + 1);
      },
    };
    visits.set(name, { source: { ...source, attributes }, visit: seen });
    page.on('pageerror', (error) => seen.noise.push(String(error)));
    page.on('console', (message) => {
      // Chromium's own remark when a mailto: link is followed.
      if (!message.text().startsWith('Launched external handler')) seen.noise.push(message.text());
    });
    await page.goto(seen.url);
    return seen;
  }

  return {
    browser,
    origin,
    visit,
    async close() {
      await browser.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
