// The page, and a sink that answers what each contender sends as its vendor would.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { gunzipSync } from 'node:zlib';

const TYPES = { html: 'text/html', js: 'text/javascript' };
/** So that the page's clock has a resolution of 5 µs. https://developer.mozilla.org/docs/Web/API/Performance/now */
const ISOLATED = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };

const ANSWERS = {
  irk: [200, '{"accepted":1,"rejected":[]}'],
  posthog: [200, '{"status":1}'],
  datadog: [202, '{}'],
  1: [200, '{"id":"0"}'],
  plausible: [202, 'ok'],
  'web-vitals': [204, ''],
};

async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The batch that ours sent. */
const batchOf = (body) => JSON.parse((body[0] === 0x1f ? gunzipSync(body) : body).toString());

/**
 * A server on a free port. `site.serve(code)` says what the contender's script is from now on, and forgets what was sent;
 * `site.sent` has the requests and bytes (bodies, as they travelled), and the batches of ours.
 */
export async function openSite() {
  const site = {
    origin: '',
    sent: { requests: 0, bytes: 0, batches: [] },
    code: '',
    serve(code) {
      site.code = code;
      site.sent = { requests: 0, bytes: 0, batches: [] };
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  async function take(request, response, vendor) {
    const { sent } = site;
    const body = await bodyOf(request);
    sent.requests++;
    sent.bytes += body.length;
    if (vendor === 'irk') sent.batches.push(batchOf(body));
    const [status, text] = ANSWERS[vendor] ?? [404, ''];
    response.writeHead(status, { 'content-type': 'application/json' }).end(text);
  }

  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    // Sentry asks for /sink/api/1/envelope/.
    const [, first, ...rest] = pathname.split('/').filter((part) => part !== 'api');
    if (first === 'sink') return void take(request, response, rest[0]);
    const name = /^\/(probe|app)\.js$/.test(pathname) ? pathname.slice(1) : 'index.html';
    const body = first === 'contender.js' ? site.code : readFileSync(new URL(`page/${name}`, import.meta.url));
    const type = TYPES[pathname.endsWith('.js') ? 'js' : 'html'];
    response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store', ...ISOLATED }).end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  site.origin = `http://127.0.0.1:${server.address().port}`;
  return site;
}
