import { readFileSync } from 'node:fs';
import { minify } from 'terser';
import { defineConfig, type UserConfig } from 'tsdown';

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as { version: string };

const common: UserConfig = {
  platform: 'browser',
  target: 'es2021',
  define: { __IRK_VERSION__: JSON.stringify(version) },
};

/** What is used of a node of the syntax tree. */
interface Syntax {
  type: string;
  start: number;
  end: number;
  async: boolean;
  body: Syntax;
}

/** The places at which declared functions become constants that hold arrows, and what is to stand there. */
function arrows(node: Syntax, edits: Array<[from: number, to: number, text: string]> = []): typeof edits {
  if (node?.type === 'FunctionDeclaration') {
    const { start, end, async, body, id } = node as Syntax & { id: Syntax & { name: string } };
    edits.push(
      [start, id.end, `const ${id.name} = ${async ? 'async ' : ''}`],
      [body.start, body.start, '=> '],
      [end, end, ';'],
    );
  }
  if (typeof node === 'object') for (const child of Object.values(node ?? {})) arrows(child as Syntax, edits);
  return edits;
}

/**
 * Rolldown's own minifier does not inline functions, which is worth 2 % after gzip. It shortens the names afterwards. Arrows are
 * worth another half of a percent. None of our functions is called before what declares it has run, or knows a `this`.
 */
const inlined = {
  name: 'terser',
  async renderChunk(this: { parse(code: string): unknown }, code: string): Promise<{ code: string }> {
    let arrowed = code;
    for (const [from, to, text] of arrows(this.parse(code) as Syntax).sort((a, b) => b[0] - a[0]))
      arrowed = arrowed.slice(0, from) + text + arrowed.slice(to);
    const compress = { passes: 3, unsafe_arrows: true, pure_getters: true, join_vars: false };
    const { code: minified = '' } = await minify(arrowed, { ecma: 2020, toplevel: true, compress, mangle: false });
    return { code: minified };
  },
};

/**
 * Has Chromium compile all functions while the script is being loaded, beside the page, instead of one by one while the page
 * waits for each. Nearly all of them are needed. https://v8.dev/blog/explicit-compile-hints
 */
const COMPILE_HINT = '//# allFunctionsCalledOnLoad';

const minified: UserConfig = { ...common, minify: true, dts: false, plugins: [inlined] };

const config: UserConfig[] = defineConfig([
  {
    ...common,
    entry: { index: 'src/index.ts', react: 'src/react/index.ts', next: 'src/next/index.ts' },
    format: 'esm',
    dts: true,
    outExtensions: () => ({ js: '.js', dts: '.d.ts' }),
  },
  {
    ...minified,
    entry: { irk: 'src/script.ts' },
    format: 'iife',
    clean: false,
    outputOptions: { entryFileNames: '[name].js', postBanner: COMPILE_HINT },
  },
  // Not shipped: what an app's own bundler makes of the module.
  { ...minified, entry: { clicks: 'scripts/clicks-only.ts' }, format: 'esm', outDir: '.size' },
]);

export default config;
