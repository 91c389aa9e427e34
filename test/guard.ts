/** Ends what a test run started when the run itself ends, even when that was killed and could do nothing any more. */
import { spawn, type ChildProcess } from 'node:child_process';
import type { Writable } from 'node:stream';

/** Reads "+ pid" and "- pid" until its input closes, which it does however we end, and kills who is left. */
const script = `
pids=
while read -r sign pid; do
  case $sign in
    +) pids="$pids $pid" ;;
    -) left=; for one in $pids; do [ "$one" = "$pid" ] || left="$left $one"; done; pids=$left ;;
  esac
done
[ -z "$pids" ] || kill -9 $pids 2>/dev/null
`;

let guard: Writable | null = null;

function startGuard(): Writable {
  // In a session of its own: a Ctrl-C in the terminal is not for it.
  const shell = spawn('sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  shell.unref();
  (shell.stdin as Writable & { unref?: () => void }).unref?.();
  return shell.stdin;
}

/** Has a child process killed when this process ends, unless it ended before. */
export function endWithUs(child: ChildProcess): void {
  if (child.pid === undefined) return;
  guard ??= startGuard();
  guard.write(`+ ${child.pid}\n`);
  child.once('exit', () => guard?.write(`- ${child.pid}\n`));
}
