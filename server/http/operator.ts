/** Access control of operator pages: metrics, readiness details and, where they are closed, the API documents. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { OperatorConfig } from '../config/operator.ts';
import { notFound } from '../problems/problem.ts';

export type IsOperator = (request: FastifyRequest) => boolean;

/** RFC 6750: the scheme is case-insensitive. */
const bearer = /^bearer +(\S+)$/i;

/** Everyone if operator pages are open; otherwise requests with the token; nobody if no token is set. */
export function operatorBy({ open, token }: OperatorConfig): IsOperator {
  if (open || token === null) return () => open;
  const expected = digest(token);
  return ({ headers }) => {
    const sent = bearer.exec(headers.authorization ?? '')?.[1];
    return sent !== undefined && timingSafeEqual(digest(sent), expected);
  };
}

/** Answers 404 on every route of a scope unless the caller is an operator. */
export function hideFromOthers(scope: FastifyInstance, isOperator: IsOperator): void {
  scope.addHook('onRequest', async (request) => {
    if (!isOperator(request)) throw notFound();
  });
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
