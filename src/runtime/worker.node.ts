// The worker of threads.node.ts.
import { workerData } from 'node:worker_threads';
import { work } from './work.ts';

work(workerData);
