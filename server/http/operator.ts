/** Who is shown what is the operator's: metrics, details of readiness and, where they are closed, the API documents. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { OperatorConfig } from '../config/operator.ts';
import { notFound } from '../problem.ts';

export type IsOperator = (request: FastifyRequest) => boolean;

/** RFC 6750: the scheme is compared without regard to case. */
const bearer = /^bearer +(\S+)$/i;

/** Everybody where all is open; else who sends the token as `Authorization: Bearer`; nobody where there is none. */
export function operatorBy({ open, token }: OperatorConfig): IsOperator {
  if (open || token === null) return () => open;
  const expected = digest(token);
  return ({ headers }) => {
    const sent = bearer.exec(headers.authorization ?? '')?.[1];
    return sent !== undefined && timingSafeEqual(digest(sent), expected);
  };
}

/** Makes every route of a scope one that is not there, except for the operator. */
export function hideFromOthers(scope: FastifyInstance, isOperator: IsOperator): void {
  scope.addHook('onRequest', async (request) => {
    if (!isOperator(request)) throw notFound();
  });
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
