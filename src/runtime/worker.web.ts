// The worker of threads.web.ts.
import { work } from './work.ts';

addEventListener('message', ({ data }) => work(data), { once: true });
