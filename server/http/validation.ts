/** Request validation. Bodies are not coerced; numbers in paths, queries and headers are parsed. */
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import ajvFormats from 'ajv-formats';
import type { FastifySchema, FastifySchemaCompiler } from 'fastify';
import { isStorableText } from '../../contract/shapes.ts';
import type { Values } from '../languages/catalog.ts';
import type { FieldFault } from '../problems/problem.ts';

function validator(allErrors: boolean): Ajv {
  const ajv = new Ajv({ allErrors, useDefaults: true, removeAdditional: false, strict: false });
  ajvFormats.default(ajv, ['uuid', 'date-time', 'date']);
  ajv.addFormat('text', isStorableText);
  return ajv;
}

const thorough = validator(true);
const brief = validator(false);

/** Above this length validation stops at the first error: collecting a hundred thousand takes seconds, and Ajv's `allErrors` has no limit. */
const maxThoroughItems = 100;

/** Compiles the schema of one part of a request. */
export const compileValidator: FastifySchemaCompiler<FastifySchema> = ({ schema, httpPart }) => {
  const validate = thorough.compile(schema);
  return httpPart === 'body'
    ? sparing(validate, brief.compile(schema))
    : readingNumbers(schema as TextSchema, validate);
};

/** Compiles the check of a whole value: true if it fits. */
export function compileCheck(schema: object): (value: unknown) => boolean {
  return brief.compile(schema);
}

function sparing(thoroughly: ValidateFunction, briefly: ValidateFunction): ValidateFunction {
  return inTwoSteps((data) => (holdsLongList(data) ? briefly : thoroughly));
}

function holdsLongList(data: unknown): boolean {
  if (data === null || typeof data !== 'object') return false;
  return Object.values(data).some((value) => Array.isArray(value) && value.length > maxThoroughItems);
}

/** A validator that chooses between the two compiled checks by the size of the data. */
function inTwoSteps(choose: (data: Record<string, unknown>) => ValidateFunction): ValidateFunction {
  const check = (data: Record<string, unknown>) => {
    const validate = choose(data);
    const valid = validate(data);
    check.errors = validate.errors;
    return valid;
  };
  check.errors = null as ValidateFunction['errors'];
  return check as ValidateFunction;
}

interface TextSchema {
  readonly properties?: Readonly<Record<string, { readonly type?: unknown }>>;
}

/** Plain digits only, so that each resource has one URL: `1.0`, `01`, `0x1` and ` 1` are invalid. */
const integer = /^(0|-?[1-9]\d{0,15})$/;

/** Replaces Ajv's coercion, which accepts everything JavaScript would. */
function readingNumbers({ properties = {} }: TextSchema, validate: ValidateFunction): ValidateFunction {
  const numbers = Object.keys(properties).filter((name) => properties[name]?.type === 'integer');
  return inTwoSteps((data) => {
    for (const name of numbers) {
      const text = data[name];
      if (typeof text === 'string' && integer.test(text)) data[name] = Number(text);
    }
    return validate;
  });
}

const roots: Readonly<Record<string, string>> = {
  body: '',
  params: '/path',
  querystring: '/query',
  headers: '/header',
};

/** One entry for each invalid field, with its JSON pointer (RFC 6901). */
export function fieldFaults(failures: readonly ErrorObject[], part: string): FieldFault[] {
  const root = roots[part] ?? '';
  return failures.map((failure) => {
    const missing = failure.keyword === 'required' ? `/${escape(String(failure.params.missingProperty))}` : '';
    return { pointer: `${root}${failure.instancePath}${missing}`, ...describe(failure) };
  });
}

/** Keywords of JSON Schema whose sentence the catalog has, by its id there. */
const sentences: Readonly<Record<string, string>> = {
  required: 'required',
  type: 'type',
  minLength: 'min-length',
  maxLength: 'max-length',
  minItems: 'min-items',
  maxItems: 'max-items',
  minimum: 'minimum',
  maximum: 'maximum',
  pattern: 'pattern',
  format: 'format',
  enum: 'enum',
};

function describe({ keyword, params }: ErrorObject): Pick<FieldFault, 'sentence' | 'values'> {
  if (keyword === 'format' && params.format === 'text') return { sentence: 'text' };
  const values = Object.entries(params as Record<string, unknown>).map(([name, value]) => [name, String(value)]);
  return { sentence: sentences[keyword] ?? 'other', values: Object.fromEntries(values) as Values };
}

function escape(token: string): string {
  return token.replaceAll('~', '~0').replaceAll('/', '~1');
}
