/**
 * Sends prepared HTTP/1.1 requests over keep-alive connections, one after the other on each, with as little work per
 * request as Node allows, so that it does not limit the rate.
 */
import net from 'node:net';

export interface HttpTask {
  readonly port: number;
  /** Serialized requests, sent round-robin. */
  readonly requests: readonly string[];
  readonly connections: number;
  /** Warm-up, not counted. */
  readonly warmUpSeconds: number;
  readonly seconds: number;
}

export interface HttpReport {
  /** Answers a second. */
  readonly rate: number;
  /** Answers other than 2xx. */
  readonly refused: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Part of one core that this process used. */
  readonly busy: number;
}

process.once('message', (task) => void run(task as HttpTask));

async function run(task: HttpTask): Promise<void> {
  const requests = task.requests.map((request) => Buffer.from(request, 'latin1'));
  let turn = 0;
  let counting = false;
  let answered = 0;
  let refused = 0;
  const latencies: number[] = [];

  function drive(): net.Socket {
    const socket = net.connect({ host: '127.0.0.1', port: task.port, noDelay: true });
    let sentAt = 0;
    /** Bytes of the answer's body still to come; -1 while its head has not come. */
    let left = -1;
    const ask = () => {
      sentAt = performance.now();
      socket.write(requests[turn++ % requests.length]!);
    };
    socket.once('connect', ask);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      if (left === -1) {
        const head = chunk.toString('latin1', 0, Math.min(chunk.length, 2048));
        const end = head.indexOf('\r\n\r\n');
        const field = head.indexOf('ontent-length: ');
        if (end < 0 || field < 0) throw new Error(`no answer with a length: ${head}`);
        left = Number.parseInt(head.slice(field + 15, end), 10) + end + 4;
        if (counting && head[9] !== '2') refused += 1;
      }
      left -= chunk.length;
      if (left > 0) return;
      left = -1;
      if (counting) {
        answered += 1;
        latencies.push(performance.now() - sentAt);
      }
      ask();
    });
    return socket;
  }

  const sockets = Array.from({ length: task.connections }, drive);
  await sleep(task.warmUpSeconds * 1000);
  counting = true;
  const [startedAt, cpuBefore] = [performance.now(), process.cpuUsage()];
  await sleep(task.seconds * 1000);
  counting = false;
  const [tookMs, cpu] = [performance.now() - startedAt, process.cpuUsage(cpuBefore)];
  for (const socket of sockets) socket.destroy();
  latencies.sort((a, b) => a - b);
  const report: HttpReport = {
    rate: (answered / tookMs) * 1000,
    refused,
    p50Ms: latencies[latencies.length >> 1] ?? Number.NaN,
    p99Ms: latencies[Math.floor(latencies.length * 0.99)] ?? Number.NaN,
    busy: (cpu.user + cpu.system) / 1000 / tookMs,
  };
  process.send?.(report);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
