/** Access to metrics, readiness details and the API documents. */
import type { Reader } from './reader.ts';
import { weakness } from './secrets.ts';

export interface OperatorConfig {
  /** Bearer token for operator pages; null = they are closed on the API's port. */
  readonly token: string | null;
  /** Operator pages are open to everyone. Never in production. */
  readonly open: boolean;
  /** `/docs`, `/redoc` and `/openapi.json` are public. */
  readonly publicDocs: boolean;
  /** Accounts with these numbers, in E.164, are administrators. */
  readonly adminNumbers: readonly string[];
}

/** In development everything is public unless a token is set. */
export function parseOperator(read: Reader, production: boolean): OperatorConfig {
  const token = read.text('METRICS_TOKEN');
  const weak = token === null ? null : weakness(token);
  if (production && weak !== null)
    read.complain(`METRICS_TOKEN must be random in production; it ${weak}. Make one with \`openssl rand -hex 32\`.`);
  const open = !production && token === null;
  return { token, open, publicDocs: read.flag('DOCS') ?? open, adminNumbers: parseAdminNumbers(read) };
}

function parseAdminNumbers(read: Reader): string[] {
  return read.list('ADMIN_MOBILE_NUMBERS').map((text) => {
    const number = text.replaceAll(/[\s().-]/g, '');
    if (!/^\+[1-9]\d{6,14}$/.test(number)) {
      read.complain(
        `ADMIN_MOBILE_NUMBERS must list numbers in international form such as +14155550123; "${text}" is none.`,
      );
    }
    return number;
  });
}
