import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Whole processes and trainings run in some of them.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: '100%', // by default a core is left to the one who waits
    projects: [
      { extends: true, test: { name: 'plain', include: ['test/!(runtimes|next)/**/*.test.ts'] } },
      {
        extends: true,
        test: {
          name: 'runtimes',
          include: ['test/runtimes/*.test.ts'],
          disableConsoleIntercept: true, // a line for each runtime, as it is
        },
      },
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
