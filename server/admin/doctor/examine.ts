/** Makes all checks of an installation. */
import { statfs } from 'node:fs/promises';
import { billingChecks } from './billing-checks.ts';
import { fault, type Check, type DoctorDeps, type Finding } from './finding.ts';
import { machineChecks } from './machine-checks.ts';
import { modelChecks } from './model-checks.ts';
import { serviceChecks } from './service-checks.ts';
import { settingChecks } from './setting-checks.ts';

const timeoutMs = 15_000;

const checks: readonly Check[] = [
  ...settingChecks,
  ...machineChecks,
  ...serviceChecks,
  ...modelChecks,
  ...billingChecks,
];

/** Of this machine. */
const machine: Pick<DoctorDeps, 'now' | 'readDisk'> = {
  now: Date.now,
  async readDisk(folder) {
    const { bsize, bavail, blocks } = await statfs(folder);
    return { freeBytes: bsize * bavail, totalBytes: bsize * blocks };
  },
};

/** In the order of the checks. Never rejects. */
export async function examine(
  given: Omit<DoctorDeps, keyof typeof machine> & Partial<typeof machine>,
): Promise<Finding[]> {
  const deps: DoctorDeps = { ...machine, ...given };
  const findings = await Promise.all(checks.map((check) => make(check, deps)));
  return findings.flat();
}

async function make(check: Check, deps: DoctorDeps): Promise<readonly Finding[]> {
  const timeout = Promise.withResolvers<never>();
  const timer = setTimeout(() => timeout.reject(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
  try {
    return await Promise.race([check.run(deps), timeout.promise]);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [fault(check.subject, `It could not be looked at: ${reason}.`, check.otherwise)];
  } finally {
    clearTimeout(timer);
  }
}
