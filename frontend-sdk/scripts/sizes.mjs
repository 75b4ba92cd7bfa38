// Prints what each module costs in the script-tag build: how many bytes it would lose, gzipped, without the module.
import { gzipSync } from 'node:zlib';
import { minify } from 'terser';
import { Rolldown } from 'tsdown';

const gzipped = (code) => gzipSync(code, { level: 9 }).length;
const bundle = await Rolldown.rolldown({ input: 'src/script.ts', transform: { target: 'es2022' } });
const { output } = await bundle.generate({ format: 'esm' });
const modules = Object.entries(output[0].modules).map(([id, { code }]) => [id.replace(/.*\/src\//, ''), code ?? '']);

// Nothing counts as unused: what is left may have lost its caller.
async function size(codes) {
  const compress = { unused: false, passes: 3, unsafe_arrows: true };
  const { code = '' } = await minify(codes.join('\n'), { ecma: 2020, toplevel: true, compress });
  return gzipped(code);
}

const all = await size(modules.map(([, code]) => code));
const rows = await Promise.all(
  modules.map(async ([name]) => [
    name,
    all - (await size(modules.filter(([other]) => other !== name).map(([, code]) => code))),
  ]),
);
// biome-ignore lint/suspicious/noConsole: it is what this script is for.
for (const [name, bytes] of rows.sort((a, b) => b[1] - a[1])) console.log(String(bytes).padStart(6), name);
