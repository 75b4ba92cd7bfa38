import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** The tests that need a real browser. They share one Chromium, so they run in one process, one after the other. */
const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/browser/**/*.test.ts'],
    environment: 'node',
    fileParallelism: false,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});

export default config;
