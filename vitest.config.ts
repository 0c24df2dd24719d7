import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Whole processes and trainings run in some of them.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
