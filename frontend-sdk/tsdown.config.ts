import { readFileSync } from 'node:fs';
import { defineConfig, type UserConfig } from 'tsdown';

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as { version: string };

const common: UserConfig = {
  platform: 'browser',
  target: 'es2020',
  define: { __IRK_VERSION__: JSON.stringify(version) },
};

const config: UserConfig[] = defineConfig([
  {
    ...common,
    entry: { index: 'src/index.ts' },
    format: 'esm',
    dts: true,
    outExtensions: () => ({ js: '.js', dts: '.d.ts' }),
  },
  {
    ...common,
    entry: { irk: 'src/script.ts' },
    format: 'iife',
    minify: true,
    dts: false,
    clean: false,
    outputOptions: { entryFileNames: '[name].js' },
  },
]);

export default config;
