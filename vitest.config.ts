import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Whole processes and trainings run in some of them.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      { extends: true, test: { name: 'plain', include: ['test/**/*.test.ts'] } },
      {
        extends: true,
        test: {
          name: 'relaxed',
          include: ['test/{kernels,golden}/**/*.test.ts'],
          exclude: ['**/math.test.ts'], // it compiles a probe of its own
          setupFiles: ['test/support/relaxed.ts'],
        },
      },
    ],
  },
});
