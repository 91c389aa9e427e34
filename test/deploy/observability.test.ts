/** Dashboard and alert rules name only metrics that exist, and the documents explain every metric. */
import { execFile, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { signIn } from '../client.ts';
import { startFakeGemini } from '../fakes/gemini.ts';
import { anyPlace, askAt, startProduct } from '../harness.ts';
import { readText, readYaml, root } from './files.ts';
import { readQuery } from './query.ts';
import { scrape, type Scrape } from './scrape.ts';

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string };
}

const folder = 'deploy/observability';
const dashboard = JSON.parse(readText(`${folder}/grafana/pollux.json`)) as { uid: string; panels: Panel[] };
const [ruleFile] = readYaml<{ groups: { rules: Rule[] }[] }>(`${folder}/alerts.yaml`);
const rules = ruleFile!.groups.flatMap((group) => group.rules);
const panels = dashboard.panels.filter(({ type }) => type !== 'row');
const queries = [
  ...rules.map(({ alert, expr }) => ({ where: alert, expr })),
  ...panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({ where: title, expr: expr.replaceAll('$__rate_interval', '5m') })),
  ),
  {
    where: 'ScaledObject',
    expr: readYaml('deploy/kubernetes/worker-keda/scaled-object.yaml')[0].spec.triggers[0].metadata.query,
  },
];

/** From Prometheus and the blackbox exporter themselves. */
const foreign = new Set(['up', 'probe_success', 'probe_http_status_code']);
/** Labels added while scraping, or part of every histogram. */
const everywhere = ['job', 'instance', 'le'];

const cleanUp = new AsyncDisposableStack();
let metrics: Scrape;
/** Readiness as shown to the operator, and to everybody else. */
let readiness: string[];

beforeAll(async () => {
  const place = cleanUp.use(await anyPlace());
  const gemini = cleanUp.use(await startFakeGemini());
  const { url } = cleanUp.use(
    await startProduct(place, { environment: { ...askAt(gemini), SERVICE_DAILY_COST_USD: '25' } }),
  );
  const person = await signIn(url);
  const room = await person.room();
  gemini.next({ kind: 'answer' }, { kind: 'error', status: 400 });
  for (const question of ['One that is answered', 'One that is not']) {
    const asked = await person.ask(room, question);
    await person.waitForReply(room, { messageId: asked.body.id });
  }
  // Counted just after the reply can be read.
  await vi.waitFor(async () => expect((await scrape(url)).value('pollux_replies_active')).toBe(0));
  // Counted after the answer.
  await vi.waitFor(async () => expect((await scrape(url)).names).toContain('pollux_code_sms_total'));
  metrics = await scrape(url);
  const closed = cleanUp.use(await startProduct(place, { role: 'api', environment: { METRICS_TOKEN: 'x' } }));
  const answers = await Promise.all([url, closed.url].map((where) => fetch(`${where}/health/ready`)));
  readiness = await Promise.all(answers.map((answer) => answer.text()));
});

afterAll(() => cleanUp.disposeAsync());

describe('dashboard and alerts', () => {
  it('name only metrics the product has', () => {
    const unknown = queries.flatMap(({ where, expr }) =>
      readQuery(expr)
        .metrics.filter((name) => !metrics.names.has(name) && !foreign.has(name))
        .map((name) => [where, name]),
    );
    expect(unknown).toEqual([]);
    // Guards against a check that passes because it read nothing.
    expect(readQuery(rules[0]!.expr + queries.at(-1)!.expr).metrics).toContain('pollux_queue_depth');
  });

  it('name only labels those metrics have', () => {
    const unknown = queries.flatMap(({ where, expr }) => {
      const { metrics: names, labels } = readQuery(expr);
      const known = new Set([...everywhere, ...names.flatMap((name) => [...(metrics.labels.get(name) ?? [])])]);
      return labels.filter((label) => !known.has(label)).map((label) => [where, label]);
    });
    expect(unknown).toEqual([]);
  });

  it('show and explain every metric of the product', () => {
    const own = [...metrics.names].filter((name) => name.startsWith('pollux_'));
    const families = new Set(own.map((name) => name.replace(/_(bucket|sum|count)$/, '')));
    const shown = new Set(queries.flatMap(({ expr }) => readQuery(expr).metrics));
    const explained = readText('docs/observability.md');
    for (const family of families) {
      expect(
        [...shown].some((name) => name.startsWith(family)),
        `${family} is shown`,
      ).toBe(true);
      expect(explained, `${family} is explained`).toContain(`\`${family}\``);
    }
  });
});

describe('Prometheus', () => {
  it('scrapes the ports that serve metrics in production', () => {
    const [compose] = readYaml(`${folder}/prometheus.compose.yaml`);
    const [kubernetes] = readYaml(`${folder}/prometheus.kubernetes.yaml`);
    for (const role of ['api', 'worker']) {
      const named = ({ job_name }: { job_name: string }) => job_name === `pollux-${role}`;
      expect(compose.scrape_configs.find(named).dns_sd_configs[0]).toMatchObject({ names: [role], port: 8001 });
      const labels = kubernetes.scrape_configs.find(named).relabel_configs;
      expect(labels).toContainEqual(expect.objectContaining({ regex: 'health', action: 'keep' }));
    }
    expect(readText('Dockerfile')).toContain('HEALTH_PORT=8001');
  });
});

describe('the dashboard', () => {
  it('has panels with a query each, which do not overlap', () => {
    expect(dashboard.uid).toBe('pollux');
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    for (const { title, targets } of panels) expect(targets?.length, title).toBeGreaterThan(0);
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...dashboard.panels.map(({ gridPos: { x, w } }) => x + w))).toBe(24);
  });
});

describe('the alerts', () => {
  it('have a summary and a severity, unique names, and an entry in the documents', () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    const explained = readText('docs/observability.md');
    for (const { alert, labels, annotations } of rules) {
      expect(['page', 'ticket'], alert).toContain(labels.severity);
      expect(annotations.summary.length * annotations.description.length, alert).toBeGreaterThan(0);
      expect(explained).toContain(alert);
    }
  });

  it('treat only "ok" as ready', () => {
    const [blackbox] = readYaml(`${folder}/blackbox.yaml`);
    const [pattern] = blackbox.modules.pollux_ready.http.fail_if_body_not_matches_regexp;
    expect(readiness.map((text) => text.includes('checks'))).toEqual([true, false]);
    for (const text of readiness) {
      expect(text).toMatch(new RegExp(pattern));
      expect(text.replace('"status":"ok"', '"status":"degraded"')).not.toMatch(new RegExp(pattern));
    }
  });
});

const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

describe.skipIf(!hasPromtool)('promtool', () => {
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'pollux-rules-'));
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  /** Runs promtool; fails with its output. */
  const promtool = (...args: string[]) => promisify(execFile)('promtool', args, { cwd: scratch, timeout: 10_000 });

  it('accepts the rules, and they fire when they should', async () => {
    for (const file of ['alerts.yaml', 'alerts.test.yaml', 'prometheus.compose.yaml'])
      cpSync(path.join(root, folder, file), path.join(scratch, file));
    await promtool('check', 'rules', 'alerts.yaml');
    await promtool('test', 'rules', 'alerts.test.yaml');
    await promtool('check', 'config', 'prometheus.compose.yaml');
  });

  it('can read every query of the dashboard', async () => {
    const asRules = queries.map(({ expr }, index) => ({ record: `query:${index}`, expr }));
    writeFileSync(
      path.join(scratch, 'queries.yaml'),
      JSON.stringify({ groups: [{ name: 'queries', rules: asRules }] }),
    );
    await promtool('check', 'rules', '--lint=none', 'queries.yaml');
  });
});
