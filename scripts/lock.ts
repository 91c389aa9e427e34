/** Missing and superfluous entries of package-lock.json. */

interface LockedPackage {
  readonly version?: string;
  readonly integrity?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly dev?: boolean;
  readonly [key: string]: unknown;
}

/** The part of package-lock.json (version 3) that is used here. */
export interface Lock {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const processors = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64'];

/**
 * The entries to add, by path. Vendors name such packages after platform and processor and pin their exact version, so
 * an entry can be derived from the name; only its integrity has to be requested.
 */
export function missingBinaries({ packages }: Lock): Record<string, LockedPackage> {
  const missing: Record<string, LockedPackage> = {};
  for (const [path, { optionalDependencies = {}, dev }] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      if (isLocked(packages, path, name)) continue;
      const words = name.split(/[/-]/);
      const os = words.filter((word) => systems.includes(word));
      const cpu = words.filter((word) => processors.includes(word));
      if (os.length === 0 || cpu.length === 0) throw new Error(`${name} of ${path} names no platform`);
      const libc = words.some((word) => word.startsWith('musl')) ? ['musl'] : undefined;
      missing[`node_modules/${name}`] = {
        version,
        cpu,
        ...(dev && { dev }),
        ...(libc && { libc }),
        optional: true,
        os,
      };
    }
  }
  return missing;
}

/** Resolves like Node: beside the dependant, then in every parent `node_modules`. */
function isLocked(packages: Lock['packages'], path: string, name: string): boolean {
  for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1))) {
    if (`${folder === '' ? '' : `${folder}/`}node_modules/${name}` in packages) return true;
    if (folder === '') return false;
  }
}

/**
 * Packages of which the server reads one prebuilt file. Their dependencies are not installed: a hundred
 * packages for ReDoc.
 */
const finishedFiles = ['redoc'];

/** The lock without the dependencies of those packages; entries that only they needed are still in it. */
export function withoutDependencies(lock: Lock): Lock {
  const packages = { ...lock.packages };
  for (const path of finishedFiles.map((name) => `node_modules/${name}`)) {
    const { dependencies: _, peerDependencies: __, ...rest } = packages[path] ?? {};
    packages[path] = rest;
  }
  return { ...lock, packages };
}

/** Paths of the entries without an integrity hash, except the project itself. */
export function unproven(packages: Lock['packages']): string[] {
  const isPackage = (path: string) => path.includes('node_modules/') && packages[path]!.link !== true;
  return Object.keys(packages).filter((path) => isPackage(path) && packages[path]!.integrity === undefined);
}

/** The package at a path of the lock. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
}
