/** Kills the processes of a test run when the run ends, even if it was killed itself. */
import { spawn, type ChildProcess } from 'node:child_process';
import type { Writable } from 'node:stream';

/** Reads "+ pid" and "- pid" until its input closes, which happens at any kind of exit, and kills the remaining ones. */
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
  // In a separate session, so that Ctrl-C in the terminal does not reach it.
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
