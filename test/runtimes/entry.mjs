// For engines with a console: prints what the job says, as one line of JSON.
import * as gatelet from 'gatelet';
import * as infer from 'gatelet/infer';
import { job } from './job.mjs';

console.log(JSON.stringify(await job(gatelet, infer)));
