import type { LevelReport } from '@lapyra/training';

/** In which way a level ended. `stopped`: running again goes on. */
export interface LevelEnding {
  readonly status: 'done' | 'stopped' | 'diverged' | 'failed';
  readonly failure: { readonly message: string; readonly hint?: string } | null;
}

/** @param killed whether the user asked to end all processes at once: then they did not fail */
export function levelEnding(report: LevelReport, killed: boolean): LevelEnding {
  switch (report.status) {
    case 'outcome': {
      const { outcome } = report;
      if (outcome.status !== 'diverged') return { status: outcome.status, failure: null };
      const { attempts, step, goodStep } = outcome.report;
      return {
        status: 'diverged',
        failure: {
          message: `diverged at step ${step}, after ${attempts} tries with smaller rates; the checkpoint of step ${goodStep} is good`,
          hint: 'Lower the rate, or add weight averaging or batch norm; diverged.json in the level folder has the report.',
        },
      };
    }
    case 'failed': {
      const { message, hint } = report.error;
      return { status: 'failed', failure: { message, ...(hint === undefined ? {} : { hint }) } };
    }
    case 'died': {
      if (killed) return { status: 'stopped', failure: null };
      const how = report.signal
        ? `was ended by ${report.signal}`
        : `ended with exit code ${report.exitCode}`;
      return {
        status: 'failed',
        failure: {
          message: `its process ${how}${report.output ? `:\n${report.output}` : ''}`,
          hint: 'The same command goes on from its last checkpoint. If memory ran out, train with --jobs 1 or a smaller batch.',
        },
      };
    }
    case 'not-started':
      return { status: 'stopped', failure: null };
    case 'blocked':
      return {
        status: 'stopped',
        failure: {
          message: `waits for level ${report.by}, which was not done`,
          hint: 'The same command goes on with both.',
        },
      };
  }
}
