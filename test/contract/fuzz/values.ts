/** Generates values from the schemas of the OpenAPI document: valid ones, and mostly invalid ones. */
import fc from 'fast-check';
import type { Json } from '../document.ts';

/** Text known to break other programs. */
const nastyTexts = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\ud83d',
  '\ude00\ud83d',
  '\u202eabc',
  '\ufeff',
  "'; drop table users; --",
  "' or '1'='1",
  '$1',
  '%s%n%x',
  '${7*7}',
  '{{7*7}}',
  '<script>alert(1)</script>',
  '../../etc/passwd',
  'null',
  'undefined',
  'NaN',
  '-1',
  '0',
  '1e309',
  '9007199254740993',
  '1180591620717411303424',
  '0x10',
  '١٢٣',
  '__proto__',
  'constructor',
  'true',
  '[]',
  '{}',
  '😀'.repeat(40),
  'x'.repeat(5000),
];

const anyText = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...nastyTexts) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 60 }) },
);

const phoneNumber = fc.integer({ min: 2_000_000_000, max: 9_999_999_999 }).map((digits) => `+1${digits}`);

/** Values for members whose rules are not in the schema, by name. */
const byName: Readonly<Record<string, fc.Arbitrary<string>>> = {
  mobile_number: fc.oneof(
    phoneNumber,
    phoneNumber.map((number) => number.replace(/^\+1(\d{3})/, '+1 ($1) ')),
  ),
  otp: fc.integer({ min: 0, max: 999_999 }).map((digits) => String(digits).padStart(6, '0')),
};

/** A value that is valid by the schema. */
export function fitting(schema: Json, follow: (part: Json) => Json, name = ''): fc.Arbitrary<Json> {
  const part = follow(schema);
  if (byName[name]) return byName[name];
  if (part.const !== undefined) return fc.constant(part.const);
  if (part.enum) return fc.constantFrom(...part.enum);
  if (part.type === 'integer')
    return fc.integer({ min: part.minimum ?? -1000, max: Math.min(part.maximum ?? 1000, 2 ** 31) });
  if (part.type === 'boolean') return fc.boolean();
  if (part.type === 'string') return fittingText(part);
  if (part.type === 'array') {
    return fc.array(fitting(part.items, follow), {
      minLength: part.minItems ?? 0,
      maxLength: Math.min(part.maxItems ?? 3, 3),
    });
  }
  if (part.type === 'object') return fittingObject(part, follow);
  return fc.jsonValue();
}

function fittingObject(part: Json, follow: (part: Json) => Json): fc.Arbitrary<Json> {
  const members = Object.entries<Json>(part.properties ?? {});
  const model = Object.fromEntries(members.map(([name, member]) => [name, fitting(member, follow, name)]));
  const requiredKeys = (part.required ?? []) as string[];
  return fc.record(model, { requiredKeys });
}

function fittingText({ format, pattern, minLength = 0, maxLength = 60 }: Json): fc.Arbitrary<string> {
  if (format === 'uuid') return fc.uuid();
  const bounds = { minLength, maxLength: Math.min(maxLength, 60) };
  const unit = pattern === undefined ? 'grapheme' : 'grapheme-ascii';
  const text = fc
    .string({ unit, ...bounds })
    .filter((value) => [...value].length <= maxLength && !value.includes('\0'));
  if (maxLength < 1000) return text;
  return fc.oneof(
    { weight: 30, arbitrary: text },
    { weight: 1, arbitrary: fc.constantFrom('😀'.repeat(maxLength), 'a'.repeat(maxLength)) },
  );
}

/** A value that is seldom valid by any schema. */
export const misfitting: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e308,
    -0,
    2 ** 53,
    [],
    {},
    [[]],
    [null],
    { length: 1 },
    { $gt: '' },
  ),
  anyText,
  fc.jsonValue({ maxDepth: 2 }),
);

/** Text for a place in the URL or a header. */
export const misfittingText = anyText;
