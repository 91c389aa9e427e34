/** A container's memory limit without a container: a control group, if this user may create one. */
import { accessSync, constants, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export interface MemoryLimit extends AsyncDisposable {
  /** Command that runs its arguments inside the limit. */
  readonly launcher: readonly string[];
}

/** Version 1 mounts the memory controller separately; version 2 has one tree for all controllers. */
const trees = [
  { root: '/sys/fs/cgroup/memory', limit: 'memory.limit_in_bytes' },
  { root: '/sys/fs/cgroup', limit: 'memory.max' },
];

let made = 0;

/** Null where the kernel or our rights do not allow one; then only measured memory is checked. */
export function limitMemory(bytes: number): MemoryLimit | null {
  const tree = trees.find(({ root }) => canMakeGroups(root));
  if (tree === undefined) return null;
  const group = path.join(tree.root, `pollux-faults-${process.pid}-${++made}`);
  mkdirSync(group, { recursive: true });
  try {
    writeFileSync(path.join(group, tree.limit), String(bytes));
  } catch {
    rmdirSync(group);
    return null;
  }
  return {
    launcher: ['/bin/sh', '-c', `echo $$ > ${group}/cgroup.procs && exec "$0" "$@"`],
    async [Symbol.asyncDispose]() {
      // The kernel allows removing a group only shortly after its last process ended.
      for (let tries = 0; tries < 50 && !removed(group); tries++) {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
  };
}

function canMakeGroups(root: string): boolean {
  try {
    readFileSync(path.join(root, 'cgroup.procs'));
    accessSync(root, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function removed(group: string): boolean {
  try {
    rmdirSync(group);
    return true;
  } catch {
    return false;
  }
}
