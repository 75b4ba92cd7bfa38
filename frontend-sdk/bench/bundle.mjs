// Makes one script of each contender, all in the same way, and weighs it.
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { minify } from 'terser';
import { Rolldown } from 'tsdown';

const FOLDER = new URL('contenders/', import.meta.url);

/** What to run before and after a contender's code, so that the page knows how long its start took. */
const TIMED = ['{const t=performance.now();', ';window.bench.initMs=performance.now()-t}'];

/** What a contender's file begins with, for those that ship their script so; bundlers drop it. */
const COMPILE_HINT = '//# allFunctionsCalledOnLoad\n';

/** Returns `{name, code, gzip, brotli}` of a file in contenders/: the sizes are in bytes, without what takes the time. */
async function bundled(name) {
  const input = new URL(`${name}.js`, FOLDER).pathname;
  const hint = readFileSync(input, 'utf8').startsWith(COMPILE_HINT) ? COMPILE_HINT : '';
  const bundle = await Rolldown.rolldown({
    input,
    platform: 'browser',
    transform: {
      target: 'es2022',
      define: { __IRK_VERSION__: '"0.0.0-bench"', 'process.env.NODE_ENV': '"production"' },
    },
    logLevel: 'silent',
  });
  const { output } = await bundle.generate({ format: 'iife' });
  const { code = '' } = await minify(output[0].code, { ecma: 2020, compress: { passes: 2 } });
  return {
    name,
    code: hint + TIMED.join(code),
    gzip: gzipSync(hint + code, { level: 9 }).length,
    brotli: brotliCompressSync(hint + code).length,
  };
}

const PEERS = readdirSync(FOLDER)
  .map((file) => basename(file, '.js'))
  .filter((name) => name !== 'irk');

/** `nothing`, beside which the others are measured, ours, and the peers with these names. Throws on an unknown name. */
export async function contenders(names = PEERS) {
  const unknown = names.filter((name) => !PEERS.includes(name));
  if (unknown.length) throw new Error(`There is no ${unknown.join(', ')}, only ${PEERS.join(', ')}.`);
  const nothing = { name: 'nothing', code: TIMED.join(''), gzip: 0, brotli: 0 };
  return [nothing, ...(await Promise.all(['irk', ...names].map(bundled)))];
}
