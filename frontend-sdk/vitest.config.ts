import { defineConfig, type ViteUserConfig } from 'vitest/config';

const config: ViteUserConfig = defineConfig({
  define: { __IRK_VERSION__: JSON.stringify('0.0.0-test') },
  test: { include: ['test/unit/**/*.test.ts'], environment: 'happy-dom' },
});

export default config;
