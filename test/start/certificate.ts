/** A self-signed certificate for this machine. */
import { spawnSync } from 'node:child_process';

/** False where openssl is not installed; its tests are then listed as skipped. */
export const canCertify = spawnSync('openssl', ['version']).status === 0;

/** Writes key and certificate for 127.0.0.1, valid for two days. */
export function makeCertificate({ key, certificate }: { key: string; certificate: string }): void {
  const kind = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2';
  const subject = '-subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1';
  const made = spawnSync('openssl', [...`${kind} ${subject} -keyout`.split(' '), key, '-out', certificate]);
  if (made.status !== 0) throw new Error(`openssl: ${made.stderr.toString()}`);
}
