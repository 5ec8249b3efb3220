// Contenders that are processes: a line in, a line of JSON out.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Starts one; the first line says what it is. */
export async function startProcess(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], ...options });
  const ended = new Promise((_, failed) => {
    child.on('error', failed);
    child.on('exit', (code) => failed(new Error(`${command} ${args.join(' ')} ended with ${code}`)));
  });
  ended.catch(() => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    // Libraries may greet; what is asked for begins with a brace.
    for (;;) {
      const { value } = await Promise.race([lines.next(), ended]);
      if (value?.startsWith('{')) return JSON.parse(value);
      if (value === undefined) return ended;
    }
  };
  const ask = (line) => {
    child.stdin.write(`${line}\n`);
    return next();
  };
  return { ...(await next()), round: () => ask('round'), streaming: () => ask('streaming'), close: () => child.kill() };
}
