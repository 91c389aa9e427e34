/** The operator's command: `npm run admin -- COMMAND`. */
import { parseArgs } from 'node:util';
import { FoundFaults, type Command, type CommandOptions } from '../admin/command.ts';
import { commands } from '../admin/commands.ts';
import { loadEnvFile } from '../config/env-file.ts';
import { parseConfig, type Config } from '../config/config.ts';
import { createLog } from './log.ts';
import { refuse } from './refuse.ts';
import { FolderInUse, StartRefused } from '../config/start-refused.ts';

const help = `Usage: npm run admin -- COMMAND

${Object.values(commands)
  .map(({ usage, about }) => `  ${usage}\n      ${about}`)
  .join('\n')}

In embedded mode stop the server first, except for catalog reload: its folder belongs to one process.
`;

await main().catch((error: unknown) => refuse(error));

async function main(): Promise<void> {
  const { positionals, values } = parse();
  const found = values.help ? null : findCommand(positionals);
  if (found === null) {
    process.stdout.write(help);
    return;
  }
  const options = { limit: readLimit(values.limit), customer: values.customer ?? null, yes: values.yes === true };
  loadEnvFile(process.env);
  const config = parseConfig({ ...process.env, LOG_LEVEL: process.env.LOG_LEVEL ?? 'error' }, 'all');
  const print = (lines: readonly string[]) => process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  try {
    print(await run(config, found, options));
  } catch (error) {
    if (!(error instanceof FoundFaults)) throw error;
    print(error.lines);
    process.exitCode = 1;
  }
}

async function run(config: Config, { command, args }: Found, options: CommandOptions): Promise<string[]> {
  // Imported late, so that help and usage errors are quick.
  const { composeAdmin } = await import('../compose-admin.ts');
  try {
    await using parts = await composeAdmin(config, createLog(config));
    return await command.run(parts, args, options);
  } catch (error) {
    if (!(error instanceof FolderInUse) || command.besideServer === undefined) throw error;
    return command.besideServer(config);
  }
}

function parse() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        limit: { type: 'string' },
        customer: { type: 'string' },
        yes: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new StartRefused(
      `${error instanceof Error ? error.message : 'The command line cannot be read'}. See --help.`,
    );
  }
}

interface Found {
  readonly command: Command;
  readonly args: readonly string[];
}

function findCommand(positionals: readonly string[]): Found | null {
  if (positionals.length === 0) return null;
  for (const words of [2, 1]) {
    const name = positionals.slice(0, words).join(' ');
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (command) return { command, args: positionals.slice(words) };
  }
  throw new StartRefused(`"${positionals.join(' ')}" is no command. See --help.`);
}

function readLimit(text: string | undefined): number {
  const limit = Number(text ?? 20);
  if (Number.isInteger(limit) && limit >= 1 && limit <= 1000) return limit;
  throw new StartRefused('--limit takes a whole number from 1 to 1000.');
}
