/** Simulated machines: Linux network namespaces, each with an address, on a bridge with this machine. */
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { atExit } from '../at-exit.ts';

export interface Machine {
  readonly address: string;
  /** Command that runs its arguments on this machine. */
  readonly launcher: readonly string[];
  /** Takes its link down: packets are dropped both ways, and connections get no error. */
  cut(): void;
  /** Takes its link up again. */
  mend(): void;
}

export interface Network extends AsyncDisposable {
  /** The address of this machine on the bridge, where shared services listen. */
  readonly address: string;
  /** This network in PostgreSQL's notation. */
  readonly range: string;
  /** Adds a machine; it is removed with the network, and its processes must have ended before. */
  addMachine(): Machine;
}

/** Contains the id of the owning process; names of links have at most 15 characters. */
const ours = `pollux${process.pid}`;
const namePattern = /\bpollux(\d+)(-\d+)?\b/g;

/** Why no network can be created here; null where it can, with Linux, root and iproute2. */
export const networkMissing: string | null = lookForMissing();

function lookForMissing(): string | null {
  if (process.platform !== 'linux') return 'Linux';
  if (process.getuid?.() !== 0) return 'root';
  if (spawnSync('ip', ['-V']).status !== 0) return 'iproute2';
  const tried = [
    ['netns', 'add', ours],
    ['link', 'add', ours, 'type', 'bridge'],
  ].map((args) => spawnSync('ip', args).status);
  removeOf((pid) => pid === process.pid);
  return tried.every((status) => status === 0) ? null : 'the right to make network namespaces';
}

/** Removes every namespace with its links, and every bridge, of these processes. */
function removeOf(owns: (pid: number) => boolean): void {
  for (const [list, remove] of [
    [['netns', 'list'], 'netns'],
    [['-o', 'link', 'show', 'type', 'bridge'], 'link'],
  ] as const) {
    const { stdout } = spawnSync('ip', list, { encoding: 'utf8' });
    const names = new Set(
      [...stdout.matchAll(namePattern)].filter(([, pid]) => owns(Number(pid))).map(([name]) => name),
    );
    for (const name of names) spawnSync('ip', [remove, 'del', name]);
  }
}

/** Creates a bridge in a random private network, one per process; throws unless `networkMissing` is null. */
export function openNetwork(): Network {
  // A killed run could not remove its own.
  removeOf((pid) => !existsSync(`/proc/${pid}`));
  const prefix = `10.${randomInt(200, 250)}.${randomInt(1, 255)}`;
  const addressOf = (host: number) => `${prefix}.${host}`;
  const removeOurs = () => removeOf((pid) => pid === process.pid);
  const spare = atExit(removeOurs);
  let machines = 0;
  ip('link', 'add', ours, 'type', 'bridge');
  ip('addr', 'add', `${addressOf(1)}/24`, 'dev', ours);
  ip('link', 'set', ours, 'up');

  return {
    address: addressOf(1),
    range: `${addressOf(0)}/24`,
    addMachine() {
      machines += 1;
      const [namespace, link, address] = [`${ours}-${machines}`, `${ours}-${machines}`, addressOf(machines + 1)];
      ip('netns', 'add', namespace);
      ip('link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace);
      ip('link', 'set', link, 'master', ours, 'up');
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
      removeOurs();
    },
  };
}

function ip(...args: string[]): void {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`);
}
