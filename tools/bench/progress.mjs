const QUIET_MS = 15_000;

/** One line on standard error: what is being done, and how long it will still take. On what is no terminal a line now and then. */
export function progressOf(subject) {
  const started = performance.now();
  let phase = '';
  let phaseStarted = started;
  let said = started;
  const terminal = process.stderr.isTTY === true;
  const say = (text) => process.stderr.write(terminal ? `\r\x1b[2K${text}` : `${text}\n`);
  const progress = (what, done, of) => {
    const isNew = what !== phase;
    if (isNew) [phase, phaseStarted] = [what, performance.now()];
    const spent = performance.now() - phaseStarted;
    const left = done > 0 ? `, ${seconds((spent / done) * (of - done))} left` : '';
    const line = `${subject}: ${what}${of === undefined ? '' : ` ${done} of ${of}`}${left}`;
    if (!terminal && !isNew && performance.now() - said < QUIET_MS) return;
    said = performance.now();
    say(line);
  };
  progress.end = () => {
    say(`${subject}: took ${seconds(performance.now() - started)}`);
    if (terminal) process.stderr.write('\n');
  };
  return progress;
}

function seconds(ms) {
  const whole = Math.ceil(ms / 1000);
  return whole < 60
    ? `${whole} s`
    : `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')} min`;
}
