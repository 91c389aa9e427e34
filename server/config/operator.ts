/** Settings of what is shown to whom: metrics, details of readiness, the API documents. */
import type { Reader } from './reader.ts';
import { weakness } from './secrets.ts';

export interface OperatorConfig {
  /** Opens what is the operator's; null: nothing does on the API's own port. */
  readonly token: string | null;
  /** Everybody counts as the operator. Never in production. */
  readonly open: boolean;
  /** `/docs`, `/redoc` and `/openapi.json` are there for everybody. */
  readonly publicDocs: boolean;
}

/** In development everything is open, unless a token is set. */
export function parseOperator(read: Reader, production: boolean): OperatorConfig {
  const token = read.text('METRICS_TOKEN');
  const weak = token === null ? null : weakness(token);
  if (production && weak !== null)
    read.complain(`METRICS_TOKEN must be random in production; it ${weak}. Make one with \`openssl rand -hex 32\`.`);
  const open = !production && token === null;
  return { token, open, publicDocs: read.flag('DOCS') ?? open };
}
