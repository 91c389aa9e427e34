/** The Kubernetes manifests: valid settings, working probes, time to shut down, no broken references. */
import { globSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import * as service from '../../contract/service.ts';
import { settings } from '../../server/config/settings.ts';
import { parseConfig } from '../../server/config/config.ts';
import { shippedFlags } from '../../scripts/shipped-flags.ts';
import { containerLimitMebibytes, memoryCeilings } from '../faults/memory-ceilings.ts';
import { productionSecrets, readYaml, root } from './files.ts';

const folder = 'deploy/kubernetes';
const files = globSync(`${folder}/**/*.yaml`, { cwd: root });
const resources = files.flatMap((file) => readYaml(file).map((resource) => ({ file, resource })));

function find(kind: string, name: string): any {
  return resources.find(({ resource }) => resource.kind === kind && resource.metadata?.name === name)?.resource;
}

const settingsMap = find('ConfigMap', 'pollux-settings').data as Record<string, string>;
const secrets = find('Secret', 'pollux-secrets').stringData as Record<string, string>;

it('names the model that is the default', () => {
  expect(settingsMap.GEMINI_MODEL).toBe(settings.GEMINI_MODEL.fallback);
});

describe.each([
  ['api', settingsMap.PORT],
  ['worker', settingsMap.HEALTH_PORT],
] as const)('the deployment of the %s', (role, port) => {
  const deployment = find('Deployment', `pollux-${role}`);
  const pod = deployment.spec.template.spec;
  const [container] = pod.containers;

  it('has valid settings', () => {
    const filledIn = Object.fromEntries(
      Object.entries(secrets).map(([name, value]) => [name, value || (productionSecrets[name] ?? '')]),
    );
    const environment = { ...settingsMap, ...filledIn };
    expect(Object.keys(environment).filter((name) => !(name in settings))).toEqual([]);
    expect(parseConfig(environment, role)).toMatchObject({ production: true, host: '0.0.0.0', stripe: null });
    expect(container.command).toEqual(['node', ...shippedFlags(role), 'server/main.ts', role]);
    expect(container.envFrom).toEqual([
      { configMapRef: { name: 'pollux-settings' } },
      { secretRef: { name: 'pollux-secrets' } },
    ]);
  });

  it('is probed on ports and paths that the process serves', () => {
    const ports = [...new Set([port, settingsMap.HEALTH_PORT])].map((containerPort) => Number(containerPort));
    expect(container.ports.map(({ containerPort }: any) => containerPort)).toEqual(ports);
    const probe = (httpGetPath: string) => ({ httpGet: { path: httpGetPath, port: container.ports[0].name } });
    expect(container.startupProbe).toMatchObject(probe(service.live.path));
    expect(container.livenessProbe).toMatchObject(probe(service.live.path));
    expect(container.readinessProbe).toMatchObject(probe(service.ready.path));
    expect(deployment.spec.template.metadata.annotations['prometheus.io/port']).toBe(settingsMap.HEALTH_PORT);
    // Tolerates a process that is frozen for a while; takeover by others does not wait for the kill.
    const { periodSeconds, failureThreshold } = container.livenessProbe;
    expect(periodSeconds * failureThreshold).toBeGreaterThanOrEqual(60);
  });

  it('has time to shut down, and keeps its replicas during an update', () => {
    const preStopSeconds = container.lifecycle?.preStop.sleep.seconds ?? 0;
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(preStopSeconds + 15);
    expect(deployment.spec.strategy.rollingUpdate.maxUnavailable).toBe(0);
    const budget = find('PodDisruptionBudget', `pollux-${role}`);
    expect(budget.spec.selector.matchLabels).toEqual(deployment.spec.template.metadata.labels);
    expect(deployment.spec.selector.matchLabels).toEqual(deployment.spec.template.metadata.labels);
    for (const spread of pod.topologySpreadConstraints)
      expect(spread.labelSelector.matchLabels).toEqual(deployment.spec.template.metadata.labels);
  });

  it('meets the restricted pod security standard, with a read-only file system', () => {
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(pod.automountServiceAccountToken).toBe(false);
    expect(container.resources).toMatchObject({
      requests: { cpu: expect.any(String) },
      limits: { memory: `${containerLimitMebibytes[role]}Mi` },
    });
    expect(memoryCeilings[role]).toBeLessThan(containerLimitMebibytes[role]);
  });
});

describe('the manifests', () => {
  it('refer to files and resources that exist', () => {
    for (const { file, resource } of resources.filter(({ resource }) => /^(Kust|Comp)/.test(resource.kind))) {
      const named = [...(resource.resources ?? []), ...(resource.components ?? [])] as string[];
      for (const name of named) {
        const target = path.posix.join(path.posix.dirname(file), name);
        expect([...files, ...files.map((other) => path.posix.dirname(other))], `${file}: ${name}`).toContain(target);
      }
    }
    const backends = [
      ...find('Ingress', 'pollux').spec.rules[0].http.paths.map((entry: any) => entry.backend.service.name),
      ...find('HTTPRoute', 'pollux').spec.rules.flatMap(({ backendRefs = [] }: any) =>
        backendRefs.map(({ name }: any) => name),
      ),
    ];
    for (const name of backends) expect(find('Service', name), name).toBeDefined();
    expect(find('Service', 'pollux-api').spec.selector).toEqual(
      find('Deployment', 'pollux-api').spec.template.metadata.labels,
    );
  });

  it('leave the number of replicas to one owner', () => {
    expect(find('Deployment', 'pollux-api').spec).not.toHaveProperty('replicas');
    for (const component of ['worker-keda', 'worker-external-metric']) {
      const [kustomization] = readYaml(`${folder}/${component}/kustomization.yaml`);
      expect(JSON.parse(kustomization.patches[0].patch)).toEqual([{ op: 'remove', path: '/spec/replicas' }]);
    }
    expect(find('Deployment', 'pollux-worker').spec).toHaveProperty('replicas');
  });

  it('scale workers by the same query with either scaler', () => {
    const scaled = find('ScaledObject', 'pollux-worker');
    const [{ metadata }] = scaled.spec.triggers;
    const [adapter] = readYaml(`${folder}/worker-external-metric/prometheus-adapter-values.yaml`);
    const autoscaler = resources.find(({ file }) => file.endsWith('worker-external-metric/autoscaler.yaml'))!.resource;
    const [rule] = adapter.rules.external;
    expect(metadata.query).toContain('pollux_queue_depth');
    expect(rule.metricsQuery).toBe(metadata.query);
    const [{ external }] = autoscaler.spec.metrics;
    expect(external).toMatchObject({ metric: { name: rule.name.as }, target: { averageValue: metadata.threshold } });
    expect(Number(metadata.threshold)).toBeLessThan(Number(settingsMap.WORKER_CONCURRENCY));
    expect(scaled.spec.scaleTargetRef.name).toBe('pollux-worker');
    expect(scaled.spec.minReplicaCount).toBeGreaterThan(0);
  });

  it('let only the ingress and Prometheus reach the pods, and the pods no metadata service', () => {
    const all = find('NetworkPolicy', 'pollux').spec;
    const labels = (role: string) => find('Deployment', `pollux-${role}`).spec.template.metadata.labels;
    for (const role of ['api', 'worker']) expect(labels(role)).toMatchObject(all.podSelector.matchLabels);
    expect(all.policyTypes).toEqual(['Ingress', 'Egress']);
    expect(all.ingress).toHaveLength(1);
    expect(all.ingress[0].from[0].namespaceSelector.matchExpressions[0].values).toEqual(['monitoring']);
    const api = find('NetworkPolicy', 'pollux-api').spec;
    expect(api.podSelector.matchLabels).toEqual(labels('api'));
    expect(api.ingress[0].ports).toEqual([{ port: Number(settingsMap.PORT) }]);
    const everywhere = all.egress.flatMap(({ to = [] }: any) => to.flatMap(({ ipBlock }: any) => ipBlock ?? []));
    expect(everywhere.find(({ cidr }: any) => cidr === '0.0.0.0/0').except).toContain('169.254.0.0/16');
    const ports = all.egress.flatMap((rule: any) => rule.ports.map(({ port }: any) => port));
    const { DATABASE_URL = '', REDIS_URL = '' } = secrets;
    for (const url of [DATABASE_URL, REDIS_URL]) expect(ports).toContain(Number(new URL(url).port));
  });

  it('do not publish metrics, and do not cut live streams', () => {
    const [metrics, rest] = find('Ingress', 'pollux').spec.rules[0].http.paths;
    expect(metrics).toMatchObject({ path: '/metrics', backend: { service: { name: 'pollux-nowhere' } } });
    expect(find('Service', 'pollux-nowhere').spec).not.toHaveProperty('selector');
    expect(rest.path).toBe('/');
    const [hidden, streams] = find('HTTPRoute', 'pollux').spec.rules;
    expect(hidden).toEqual({ matches: [{ path: { type: 'PathPrefix', value: '/metrics' } }] });
    expect(streams.timeouts).toEqual({ request: '0s' });
  });
});
