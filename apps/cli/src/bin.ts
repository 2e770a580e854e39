import { main } from './main.js';
import { exitOnInterrupt } from './terminal/exit-on-interrupt.js';

exitOnInterrupt();
process.exitCode = await main(process.argv.slice(2));
