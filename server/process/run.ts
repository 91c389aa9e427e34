/** Runs one role in this process until a signal. */
import closeWithGrace from 'close-with-grace';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { compose } from '../compose.ts';
import type { Product } from '../parts.ts';
import type { Config } from '../config/config.ts';
import { createLog } from './log.ts';
import { StartRefused } from '../config/start-refused.ts';

/** Time for running replies to finish before they are released. */
const graceMs = 5_000;
/** Below the ten seconds after which orchestrators kill. */
const exitWithinMs = 9_500;

const signals = ['SIGTERM', 'SIGINT'] as const;

/** Ctrl-C arrives several times, from the terminal, npm and the primary. Later signals count as a second press. */
const sameKeystrokeMs = 1_000;

/** Length of the accept queue, capped by the kernel. Connections beyond it are reset instead of getting a 503. */
const acceptBacklog = 4096;

/** Errors of `listen` caused by HOST. */
const noAddress = new Set(['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN', 'EAFNOSUPPORT', 'EINVAL']);

/** Starts the role. Returns the address it listens on; null for a worker without a health port. */
export async function run(config: Config): Promise<string | null> {
  const log = createLog(config);
  // Process 1 of a container ignores signals without a handler, also during start.
  const quit = () => process.exit(0);
  for (const signal of signals) process.once(signal, quit);
  const product = await compose(config, log);
  for (const signal of signals) process.off(signal, quit);
  closeOnSignals(product, log);
  const { app, operatorApp } = product;
  try {
    const operatorUrl = operatorApp && (await listen(operatorApp, config.host, 'HEALTH_PORT', config.healthPort ?? 0));
    return app === null ? operatorUrl : await listen(app, config.host, 'PORT', config.port);
  } catch (error) {
    await product.close(0);
    throw error;
  }
}

function closeOnSignals(product: Product, log: Logger): void {
  const { close } = closeWithGrace({ delay: exitWithinMs, logger: false, skip: [...signals] }, async ({ err }) => {
    if (err) log.fatal({ err }, 'uncaught error; shutting down');
    await product.close(graceMs);
    log.info('shut down');
  });
  let firstAt: number | null = null;
  const onSignal = (signal: NodeJS.Signals) => {
    const now = performance.now();
    if (firstAt === null) {
      firstAt = now;
      log.info({ signal }, 'shutting down');
      close();
    } else if (now - firstAt > sameKeystrokeMs) {
      process.exit(1);
    }
  };
  for (const signal of signals) process.on(signal, onSignal);
}

async function listen(app: FastifyInstance, host: string, setting: string, port: number): Promise<string> {
  try {
    return await app.listen({
      host,
      port,
      backlog: acceptBacklog,
      listenTextResolver: (address) => `listening on ${address}`,
    });
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      throw new StartRefused(`${setting} ${port} is in use by another program. Stop that, or set another ${setting}.`);
    }
    if (code === 'EACCES') {
      throw new StartRefused(`${setting} ${port} may not be used by this user. Set one of 1024 or more.`);
    }
    if (noAddress.has(code)) {
      throw new StartRefused(`HOST ${host} is no address of this machine. Set 127.0.0.1, 0.0.0.0 or one that it has.`);
    }
    throw error;
  }
}
