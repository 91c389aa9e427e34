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
}

/** In development everything is public unless a token is set. */
export function parseOperator(read: Reader, production: boolean): OperatorConfig {
  const token = read.text('METRICS_TOKEN');
  const weak = token === null ? null : weakness(token);
  if (production && weak !== null)
    read.complain(`METRICS_TOKEN must be random in production; it ${weak}. Make one with \`openssl rand -hex 32\`.`);
  const open = !production && token === null;
  return { token, open, publicDocs: read.flag('DOCS') ?? open };
}
