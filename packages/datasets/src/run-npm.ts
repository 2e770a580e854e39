import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SourceFailure } from './source-failure.js';

export interface NpmRun {
  /** Where npm looks for a project's `.npmrc`: the user's registry is asked, whatever it is. */
  readonly cwd: string;
  readonly signal: AbortSignal;
  /** Milliseconds after which npm is ended. */
  readonly timeout?: number;
}

/** Runs npm and gives its standard output; tests hand in one of their own. */
export type RunNpm = (args: readonly string[], run: NpmRun) => Promise<string>;

/**
 * Run the npm that started this process, else the one on the PATH.
 *
 * @throws {SourceFailure} if there is none, if it fails (with npm's own reason) or takes too long
 */
export const runNpm: RunNpm = async (args, { cwd, signal, timeout }) => {
  const { command, first } = npmCommand();
  const limits = timeout === undefined ? [signal] : [signal, AbortSignal.timeout(timeout)];
  const child = spawn(command, [...first, ...args], {
    cwd,
    signal: AbortSignal.any(limits),
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  });
  const output = { out: '', error: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.error += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw new SourceFailure(whyNotRun(error, timeout), error);
  });
  if (code === 0) return output.out;
  throw new SourceFailure(npmReason(output.out, output.error) ?? `npm ended with code ${code}`);
};

function npmCommand(): { command: string; first: string[] } {
  const started = process.env['npm_execpath'];
  if (started?.endsWith('npm-cli.js')) return { command: process.execPath, first: [started] };
  // Windows starts no npm.cmd without a shell; npm lies beside node there.
  const beside = join(dirname(process.execPath), 'node_modules', 'npm', 'bin', 'npm-cli.js');
  if (process.platform === 'win32' && existsSync(beside))
    return { command: process.execPath, first: [beside] };
  return { command: 'npm', first: [] };
}

function whyNotRun(error: unknown, timeout: number | undefined): string {
  const { code, name, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'npm was not found on the PATH';
  return name === 'AbortError' && timeout !== undefined
    ? `npm did not answer for ${timeout / 1000} s`
    : message;
}

/** With --json npm prints its error as `{ error: { code, summary } }`. */
function npmReason(out: string, error: string): string | undefined {
  try {
    const parsed = JSON.parse(out) as { error?: { code?: string; summary?: string } };
    const text = parsed.error?.summary ?? parsed.error?.code;
    if (text) return `npm: ${text.split('\n')[0] ?? text}`;
  } catch {
    // Not JSON: npm failed before it could print any. Its log says why.
  }
  const line = error.split('\n').find((text) => text.startsWith('npm error'));
  return line?.replace('npm error', 'npm:');
}
