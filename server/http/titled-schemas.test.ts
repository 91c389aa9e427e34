/** Named schemas in the OpenAPI document. */
import { describe, expect, it } from 'vitest';
import { hoistTitledSchemas } from './titled-schemas.ts';

const room = { type: 'object', title: 'Room', properties: { id: { type: 'integer' } } };
const documentWith = (...schemas: object[]) => ({ openapi: '3.1.0', components: {}, paths: { '/': schemas } });

describe('titled schemas', () => {
  it('move to the components once from any depth, and are referenced', () => {
    const list = { type: 'array', items: room };
    const outer = { type: 'object', title: 'Outer', properties: { room } };
    expect(hoistTitledSchemas(documentWith(room, list, outer))).toEqual({
      openapi: '3.1.0',
      components: {
        schemas: {
          Room: room,
          Outer: { ...outer, properties: { room: { $ref: '#/components/schemas/Room' } } },
        },
      },
      paths: {
        '/': [
          { $ref: '#/components/schemas/Room' },
          { type: 'array', items: { $ref: '#/components/schemas/Room' } },
          { $ref: '#/components/schemas/Outer' },
        ],
      },
    });
  });

  it('keep other components, and do not change titles of other objects', () => {
    const text = { type: 'string', title: 'Not a shape' };
    const document = { ...documentWith(text), components: { securitySchemes: { bearer: { type: 'http' } } } };
    expect(hoistTitledSchemas(document)).toMatchObject({
      components: { securitySchemes: { bearer: { type: 'http' } }, schemas: {} },
      paths: { '/': [text] },
    });
  });

  it('must not share a name', () => {
    const other = { ...room, properties: {} };
    expect(() => hoistTitledSchemas(documentWith(room, other))).toThrow('two schemas are called Room');
  });

  it('do not change the document they come from', () => {
    const document = documentWith(room);
    hoistTitledSchemas(document);
    expect(document).toEqual(documentWith(room));
  });
});
