/** The commands of the README work unchanged, line by line, against a server started as the README says. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { emptyPlace } from './harness.ts';
import { startProcess } from './processes.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

async function runShell(script: string): Promise<{ output: string; code: number | null }> {
  const shell = spawn('sh', ['-eu'], { stdio: ['pipe', 'pipe', 'inherit'] });
  let output = '';
  shell.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  shell.stdin.end(script);
  const [code] = (await once(shell, 'close')) as [number | null];
  return { output, code };
}

it('lead from sign-up to a reply, live and polled', { timeout: 90_000 }, async () => {
  const blocks = [...readme.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map((match) => match[1]!);
  expect(blocks.length).toBeGreaterThan(3);
  await using place = await emptyPlace();
  await using server = await startProcess({ ...place.environment, OTP_ECHO: '' });
  const script = blocks.join('').replaceAll('http://127.0.0.1:8000', server.url);
  expect(script).toContain(server.url);

  const { output, code } = await runShell(script);

  expect(code).toBe(0);
  for (const part of ['"subscription_tier":"Basic"', 'event: reply.delta', 'event: reply.completed']) {
    expect(output).toContain(part);
  }
  const conversation = output.split('\n').find((line) => line.startsWith('[{'));
  expect(JSON.parse(conversation ?? '[]')).toMatchObject([
    { is_from_user: true, content: 'What is the tallest mountain in Africa?' },
    { is_from_user: false, status: 'complete', content: expect.stringMatching(/./) },
  ]);
  // Sent twice with one key, charged once.
  expect(output.match(/HTTP\/1.1 202/g)).toHaveLength(2);
  expect(output).toContain('"messages_used_today":2');
});
