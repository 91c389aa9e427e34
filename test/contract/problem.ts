/** The form of every refusal (RFC 9457), whichever part sends it. */
import { expect } from 'vitest';
import { problems, problemType, type ProblemCode } from '../../contract/errors.ts';
import type { Answer } from '../client.ts';

/** Checks media type and members of a refusal; only `statuses`, when given, are allowed. Returns its code. */
export function expectProblem(answer: Answer, ...statuses: number[]): ProblemCode {
  const { status, headers, body } = answer;
  if (statuses.length > 0) expect(statuses, JSON.stringify(body)).toContain(status);
  expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  const code = body.code as ProblemCode;
  expect(Object.keys(problems)).toContain(code);
  expect(body).toMatchObject({ type: problemType(code), title: problems[code].title, status });
  expect(status).toBe(problems[code].status);
  expect(body.detail).toMatch(/^[A-Z].*\.$/s);
  expect(body.request_id).toMatch(/^[\w.:-]{1,64}$/);
  expect(headers.get('x-request-id')).toBe(body.request_id);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(Array.isArray(body.errors)).toBe(code === 'validation_failed');
  if (status === 401) expect(headers.get('www-authenticate')).toBe('Bearer');
  if (status === 429) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  return code;
}
