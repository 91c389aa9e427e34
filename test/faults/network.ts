/** Machines of a test's own: network namespaces of Linux, each with its address, on one bridge with this one. */
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { atExit } from '../at-exit.ts';

export interface Machine {
  readonly address: string;
  /** Command that runs the rest of its line on this machine. */
  readonly launcher: readonly string[];
  /** Takes its link down: packets are lost both ways, and no connection is told. */
  cut(): void;
  /** Puts its link up again. */
  mend(): void;
}

export interface Network extends AsyncDisposable {
  /** The address of this machine, where services for the others may listen. */
  readonly address: string;
  /** This network, as PostgreSQL writes it. */
  readonly range: string;
  /** Adds a machine; it ends with the network, whatever ran there must have ended before. */
  addMachine(): Machine;
}

/** Why no network can be made here; null where it can: it takes Linux, root and iproute2. */
export const networkMissing: string | null = lookForMissing();

function lookForMissing(): string | null {
  if (process.platform !== 'linux') return 'Linux';
  if (process.getuid?.() !== 0) return 'root';
  if (spawnSync('ip', ['-V']).status !== 0) return 'iproute2';
  const name = newName();
  const tried = [
    ['netns', 'add', name],
    ['link', 'add', name, 'type', 'bridge'],
  ].map((args) => spawnSync('ip', args).status);
  spawnSync('ip', ['link', 'del', name]);
  spawnSync('ip', ['netns', 'del', name]);
  return tried.every((status) => status === 0) ? null : 'the right to make network namespaces';
}

/** Names of links have 15 characters at most. */
function newName(): string {
  return `pollux${randomInt(100_000, 1_000_000)}`;
}

/** Makes a bridge with an address of a random private network; throws where `networkMissing` says why. */
export function openNetwork(): Network {
  const name = newName();
  const prefix = `10.${randomInt(200, 250)}.${randomInt(1, 255)}`;
  const addressOf = (host: number) => `${prefix}.${host}`;
  const machines: { namespace: string; link: string }[] = [];
  const spare = atExit(remove);
  ip('link', 'add', name, 'type', 'bridge');
  ip('addr', 'add', `${addressOf(1)}/24`, 'dev', name);
  ip('link', 'set', name, 'up');

  function remove(): void {
    for (const { namespace, link } of machines.splice(0)) {
      spawnSync('ip', ['link', 'del', link]);
      spawnSync('ip', ['netns', 'del', namespace]);
    }
    spawnSync('ip', ['link', 'del', name]);
  }

  return {
    address: addressOf(1),
    range: `${addressOf(0)}/24`,
    addMachine() {
      const number = machines.length + 1;
      const [namespace, link, address] = [`${name}-${number}`, `${name}-${number}`, addressOf(number + 1)];
      machines.push({ namespace, link });
      ip('netns', 'add', namespace);
      ip('link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace);
      ip('link', 'set', link, 'master', name, 'up');
      ip('-n', namespace, 'addr', 'add', `${address}/24`, 'dev', 'eth0');
      ip('-n', namespace, 'link', 'set', 'eth0', 'up');
      ip('-n', namespace, 'link', 'set', 'lo', 'up');
      return {
        address,
        launcher: ['ip', 'netns', 'exec', namespace],
        cut: () => ip('link', 'set', link, 'down'),
        mend: () => ip('link', 'set', link, 'up'),
      };
    },
    async [Symbol.asyncDispose]() {
      spare();
      remove();
    },
  };
}

function ip(...args: string[]): void {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`);
}
