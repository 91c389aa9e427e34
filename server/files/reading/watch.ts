/** Ends the reader past its limits, from a thread of its own. Also when the process that started it is gone. */
import { workerData } from 'node:worker_threads';
import type { ReaderLimits } from './result.ts';

const everyMs = 50;
const { withinMs, cpuMs, memoryMb } = workerData as ReaderLimits;
const startedBy = process.ppid;
const endAt = performance.now() + withinMs;

setInterval(() => {
  const { user, system } = process.cpuUsage();
  const isOver =
    process.memoryUsage.rss() > memoryMb * 1024 * 1024 ||
    (user + system) / 1000 > cpuMs ||
    performance.now() > endAt ||
    process.ppid !== startedBy;
  if (isOver) process.kill(process.pid, 'SIGKILL');
}, everyMs);
