/** The OpenAPI document is complete and correct. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { problemCodes, problemType } from '../../contract/errors.ts';
import { request } from '../client.ts';
import { readDocument, type ApiDocument, type Json } from './document.ts';
import { expectProblem } from './problem.ts';
import { startWholeProduct, type WholeProduct } from './whole-product.ts';

let product: WholeProduct;
let api: ApiDocument;

beforeAll(async () => {
  product = await startWholeProduct();
  api = await readDocument(product.url);
});

afterAll(async () => {
  await product?.[Symbol.asyncDispose]();
});

const sentence = expect.stringMatching(/^\S.*[.`]$/s);
const root = fileURLToPath(new URL('../../', import.meta.url));

describe('the OpenAPI document', () => {
  it('passes the lint rules without an error or a warning', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'pollux-openapi-'));
    const file = path.join(folder, 'openapi.json');
    await writeFile(file, JSON.stringify(api.json));
    const cli = path.join(root, 'node_modules/@redocly/cli/bin/cli.js');
    const args = [cli, 'lint', file, '--config', path.join(root, 'redocly.yaml'), '--format', 'json'];
    const env = { ...process.env, REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', NO_COLOR: '1' };
    const { stdout } = await promisify(execFile)(process.execPath, args, { env, maxBuffer: 64 * 1024 * 1024 });
    await rm(folder, { recursive: true });
    expect(JSON.parse(stdout).problems).toEqual([]);
  });

  it('describes every operation, parameter, body, answer and header, with examples', () => {
    expect(api.operations.length).toBeGreaterThan(25);
    for (const { id, method, path: at, parameters, body, responses } of api.operations) {
      const operation = api.json.paths[at][method.toLowerCase()];
      expect(operation, id).toMatchObject({ summary: expect.stringMatching(/\S/), description: sentence });
      expect(operation.tags, id).toHaveLength(1);
      const succeeds = 'x-websocket' in operation ? /^101$/ : /^2\d\d$/;
      expect(
        Object.keys(responses).some((status) => succeeds.test(status)),
        id,
      ).toBe(true);
      for (const parameter of parameters)
        expect(parameter, `${id} ${parameter.name}`).toHaveProperty('description', sentence);
      if (body !== null) expect(body.example, id).toBeDefined();
      for (const [status, response] of Object.entries(responses)) {
        expect(response.description, `${id} ${status}`).toEqual(sentence);
        expect(Object.keys(response.headers), `${id} ${status}`).toContain('x-request-id');
        for (const header of Object.values<Json>(response.headers)) expect(header.description).toEqual(sentence);
        for (const media of Object.values<Json>(response.content ?? {})) {
          expect(media.example ?? Object.values(media.examples), `${id} ${status}`).toBeTruthy();
        }
      }
    }
  });

  it('has examples that are valid by their schemas', () => {
    const misfits = api.operations.flatMap(({ id, body, responses }) => [
      ...(body ? [[id, api.misfit(body.schema, body.example)]] : []),
      ...Object.entries(responses).flatMap(([status, { content = {} }]) =>
        Object.values<Json>(content).flatMap(({ schema, example, examples }) =>
          [example, ...Object.values<Json>(examples ?? {}).map(({ value }) => value)]
            .filter((value) => value !== undefined)
            .map((value) => [`${id} ${status}`, api.misfit(schema, value)]),
        ),
      ),
    ]);
    expect(misfits.filter(([, misfit]) => misfit !== null)).toEqual([]);
  });

  it('leaves out HEAD and OPTIONS, which the server answers', async () => {
    expect(api.operations.filter(({ method }) => method === 'HEAD' || method === 'OPTIONS')).toEqual([]);
    const head = await fetch(`${product.url}/health/live`, { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(await head.text()).toBe('');
  });

  it('is the one that Swagger UI shows', async () => {
    const { body } = await request('GET', `${product.url}/docs/json`);
    expect(body).toEqual(api.json);
  });
});

describe('the page about problems', () => {
  it('explains every code at the URL of its `type`', async () => {
    const page = await request('GET', `${product.url}/problems`);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    for (const code of problemCodes) {
      const [at, anchor] = problemType(code).split('#');
      expect(at).toBe('/problems');
      expect(page.body).toContain(`id="${anchor}"`);
    }
  });

  it('is at the URL in the type of a real refusal', async () => {
    const missing = await request('GET', `${product.url}/nothing-of-the-kind`);
    expect(expectProblem(missing, 404)).toBe('not_found');
    const target = new URL(missing.body.type, product.url);
    const page = await request('GET', target.href);
    expect(page.body).toContain(`id="${target.hash.slice(1)}"`);
  });
});
