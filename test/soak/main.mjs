// npm run soak -- [--count 1000000]
// So many predictions by one model, f32 and int8: what the process holds must stay as it is.
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { bundled } from '../support/bundle.mjs';

const { count } = parseArgs({ options: { count: { type: 'string', default: '1000000' } } }).values;
const script = await bundled('test/soak/predict.ts');
const { status } = spawnSync(process.execPath, ['--expose-gc', script, count], { stdio: 'inherit' });
process.exit(status ?? 1);
