// Holds what a binding adds to an app that has all of the core: bytes, gzipped, of the two together less the core's.
import { gzipSync } from 'node:zlib';
import { minify } from 'terser';
import { Rolldown } from 'tsdown';

const LIMITS = { react: 400, next: 600 };
const CORE = "export { consent, identify, init, preset, stop, track } from './src/index.ts';";

async function size(code) {
  const bundle = await Rolldown.rolldown({
    input: 'entry',
    external: /^(react|next)(\/|$)/,
    transform: { target: 'es2022' },
    plugins: [
      {
        name: 'entry',
        resolveId: (id, from) =>
          id === 'entry' ? id : from === 'entry' ? new URL(`../${id}`, import.meta.url).pathname : null,
        load: (id) => (id === 'entry' ? code : null),
      },
    ],
  });
  const { output } = await bundle.generate({ format: 'esm' });
  const { code: minified = '' } = await minify(output[0].code, { ecma: 2020, module: true, compress: { passes: 3 } });
  return gzipSync(minified, { level: 9 }).length;
}

const core = await size(CORE);
for (const [name, limit] of Object.entries(LIMITS)) {
  const added = (await size(`${CORE}\nexport * from './src/${name}/index.ts';`)) - core;
  // biome-ignore lint/suspicious/noConsole: it is what this script is for.
  console.log(`${name}: ${added} B (gzip), at most ${limit} B`);
  if (added > limit) process.exitCode = 1;
}
