/** Starts the server: reads command line and environment, then runs a role or forks processes. */
import cluster from 'node:cluster';
import { flushCompileCache } from 'node:module';
import { banner } from './banner.ts';
import { help, parseCommandLine } from './command-line.ts';
import { loadEnvFile } from '../config/env-file.ts';
import { parseConfig, type Config } from '../config/config.ts';
import { runPrimary } from './cluster.ts';
import { refuse } from './refuse.ts';

await main().catch((error: unknown) => refuse(error, '\nPollux did not start.\n'));

async function main(): Promise<void> {
  const role = parseCommandLine(process.argv.slice(2));
  if (role === null) {
    process.stdout.write(help());
    return;
  }
  loadEnvFile(process.env);
  const config = parseConfig(process.env, role);
  if (config.webConcurrency > 1 && cluster.isPrimary) {
    runPrimary(config, (url) => process.stdout.write(`${banner(config, url)}\n`));
    return;
  }
  await runRole(config);
}

async function runRole(config: Config): Promise<void> {
  // Imported late, so that `--help`, a refused setting and the primary do not load the whole product.
  const { run } = await import('./run.ts');
  const url = await run(config);
  // A process that is killed leaves the next one its compile cache too.
  flushCompileCache();
  if (cluster.isWorker) process.send?.({ ready: url });
  else process.stdout.write(`${banner(config, url)}\n`);
}
