/** Runs an operator's command in this process. */
import { parseArgs } from 'node:util';
import type { Command, CommandOptions } from '../admin/command.ts';
import { commands } from '../admin/commands.ts';
import { parseConfig, type Config } from '../config/config.ts';
import type { Environment } from '../config/reader.ts';
import { FolderInUse, StartRefused } from '../config/start-refused.ts';
import { createLog } from './log.ts';

const help = `Usage: npm run admin -- COMMAND

${Object.values(commands)
  .map(({ usage, about }) => `  ${usage}\n      ${about}`)
  .join('\n')}

In embedded mode stop the server first, except for catalog reload: its folder belongs to one process.
`;

/**
 * Returns the lines to print. `readEnvironment` is called once a command is to run.
 * Throws `StartRefused` where the words, the settings or the command itself refuse, and `FoundFaults` from the doctor.
 */
export async function runCommand(words: readonly string[], readEnvironment: () => Environment): Promise<string[]> {
  const { positionals, values } = parse(words);
  const found = values.help ? null : findCommand(positionals);
  if (found === null) return help.split('\n').slice(0, -1);
  const options = { limit: readLimit(values.limit), customer: values.customer ?? null, yes: values.yes === true };
  const environment = readEnvironment();
  const config = parseConfig({ ...environment, LOG_LEVEL: environment.LOG_LEVEL ?? 'error' }, 'all');
  return run(config, found, options);
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

function parse(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
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
