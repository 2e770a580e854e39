import { diagnose } from '@lapyra/runtime';
import pc from 'picocolors';
import { EXIT } from '../exit-codes.js';
import { printJson } from '../terminal/print-json.js';

/** `lapyra doctor`: every backend, available or why not, and what would mend it. */
export async function doctor(options: { readonly json?: boolean }): Promise<number> {
  const report = await diagnose(process.cwd());
  if (options.json) {
    printJson(report);
  } else {
    process.stdout.write(
      `node ${report.node}, ${report.platform}, ${report.cores} cores\nproject ${report.project}\n\n`,
    );
    for (const { id, probe, can, tested } of report.backends) {
      const mark = probe.available ? pc.green('✔') : pc.red('✖');
      const note = tested ? '' : pc.dim(' (not run by us)');
      process.stdout.write(`${mark} ${pc.bold(id)}  ${can.join(', ')}${note}\n`);
      process.stdout.write(
        probe.available
          ? `    ${probe.device}\n`
          : `    ${probe.reason}\n    ${pc.cyan(probe.fix)}\n`,
      );
    }
    if (report.backends.length === 0) {
      process.stdout.write('no backend installed\n');
      process.stdout.write(
        `    ${pc.cyan('npm install @lapyra/backend-onnxruntime onnxruntime-node')}\n`,
      );
    }
  }
  return report.backends.some(({ probe }) => probe.available) ? EXIT.ok : EXIT.failed;
}
