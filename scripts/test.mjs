// Runs the tests and closes with the line `N passed, N failed`. Arguments go to vitest.
import { parseCLI, startVitest } from 'vitest/node';

const { filter, options } = parseCLI(['vitest', 'run', ...process.argv.slice(2)]);
const vitest = await startVitest('test', filter, { ...options, run: true, watch: false });
const files = vitest.state.getTestModules();
const tests = files.flatMap((file) => [...file.children.allTests()]);
const count = (state) => tests.filter((test) => test.result().state === state).length;
// A file that cannot be loaded has no tests to fail; it counts as one.
const broken = files.filter(
  (file) => file.state() === 'failed' && [...file.children.allTests('failed')].length === 0,
);
const failed = count('failed') + broken.length + vitest.state.getUnhandledErrors().length;
const skipped = count('skipped');
await vitest.close();
if (failed > 0 || tests.length === 0) process.exitCode = 1;
console.log(`\n${count('passed')} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
