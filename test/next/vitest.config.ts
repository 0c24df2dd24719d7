import { defineConfig } from 'vitest/config';

// Next.js is large, so that it is installed only where somebody asks for it.
export default defineConfig({
  test: { include: ['test/next/*.test.ts'], testTimeout: 300_000, hookTimeout: 300_000 },
});
