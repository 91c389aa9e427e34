/** Validation of requests by their schemas. */
import type { FastifySchema } from 'fastify';
import { Type, type TObject } from 'typebox';
import { describe, expect, it } from 'vitest';
import { Text } from '../../contract/shapes.ts';
import { fieldErrorsOf } from '../problems/problem.ts';
import { compileValidator, fieldFaults } from './validation.ts';

/** Checks `data` as one part of a request; returns the invalid fields and the data for the handler. */
function check(schema: TObject, httpPart: 'body' | 'params' | 'querystring' | 'headers', data: object) {
  const validate = compileValidator({ schema: schema as FastifySchema, httpPart, method: 'POST', url: '/' }) as ((
    data: unknown,
  ) => boolean) & {
    errors?: Parameters<typeof fieldFaults>[0] | null;
  };
  const passes = validate(data);
  return { errors: passes ? [] : fieldErrorsOf(fieldFaults(validate.errors ?? [], httpPart), 'en'), data };
}

const Question = Type.Object({
  content: Text(1, 5),
  tags: Type.Optional(Type.Array(Type.Object({ 'a/b~c': Type.Integer() }))),
});

describe('a body', () => {
  it('is not converted: numbers do not become text, nor text numbers', () => {
    expect(check(Question, 'body', { content: 'hello' }).errors).toEqual([]);
    expect(check(Question, 'body', { content: 5 }).errors).toEqual([{ pointer: '/content', detail: 'must be string' }]);
    const Number = Type.Object({ n: Type.Integer() });
    expect(check(Number, 'body', { n: '5' }).errors).toEqual([{ pointer: '/n', detail: 'must be integer' }]);
  });

  it('is refused with all its faults, each with a pointer to the present or missing member', () => {
    expect(check(Question, 'body', { tags: [{ 'a/b~c': 1 }, { 'a/b~c': 'x' }, {}] }).errors).toEqual([
      { pointer: '/content', detail: 'is required' },
      { pointer: '/tags/1/a~1b~0c', detail: 'must be integer' },
      { pointer: '/tags/2/a~1b~0c', detail: 'is required' },
    ]);
  });

  it('counts code points, and refuses text that cannot be stored', () => {
    expect(check(Question, 'body', { content: '😀😀😀😀😀' }).errors).toEqual([]);
    for (const content of ['a\0b', '\ud800', 'x\udc00']) {
      expect(check(Question, 'body', { content }).errors).toEqual([
        { pointer: '/content', detail: 'must not hold NUL or unpaired surrogates' },
      ]);
    }
  });

  it('with very many faults is refused with the first one', () => {
    const tags = Array.from({ length: 10_000 }, () => ({}));
    expect(check(Question, 'body', { content: 'x', tags }).errors).toHaveLength(1);
  });
});

describe('paths and queries', () => {
  const Page = Type.Object({ limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })) });

  it.each([
    ['1', 1],
    ['100', 100],
  ])('read %s as a number', (text, expected) => {
    expect(check(Page, 'querystring', { limit: text })).toEqual({ errors: [], data: { limit: expected } });
  });

  it.each([['0'], ['101'], ['1.0'], ['01'], ['0x1'], [' 1'], ['1e1'], [''], ['ten'], ['99999999999999999999']])(
    'refuse %j',
    (limit) => {
      expect(check(Page, 'querystring', { limit }).errors).toEqual([
        { pointer: '/query/limit', detail: expect.any(String) },
      ]);
      expect(check(Page, 'params', { limit }).errors).toEqual([{ pointer: '/path/limit', detail: expect.any(String) }]);
    },
  );

  it('get their defaults', () => {
    expect(check(Page, 'querystring', {})).toEqual({ errors: [], data: { limit: 20 } });
  });
});
