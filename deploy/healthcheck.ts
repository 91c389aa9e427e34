/** Health check of the container image: succeeds when this container's process, API or worker, says that it lives. */

const timeoutMs = 4000;

async function answers(port: string): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/health/live`, { signal: AbortSignal.timeout(timeoutMs) });
  if (!response.ok) throw new Error(`port ${port} answered ${response.status}`);
}

const { PORT, HEALTH_PORT } = process.env;
const ports = [PORT, HEALTH_PORT].filter((port) => port !== undefined && port !== '');
try {
  // An API listens on the one, a worker on the other.
  await Promise.any(ports.map(answers));
} catch (error) {
  const reasons = error instanceof AggregateError ? error.errors : [error];
  process.stderr.write(`${reasons.map((reason) => (reason as Error).message).join('; ')}\n`);
  process.exitCode = 1;
}
