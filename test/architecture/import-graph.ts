/** The import graph of the shipped folders, as the mermaid diagram of docs/architecture.md. */
import type { Source } from './sources.ts';

/** Each node with the nodes that it imports. */
type Graph = ReadonlyMap<string, ReadonlySet<string>>;

const isShipped = (path: string) => /^(contract|server)\//.test(path) && !path.endsWith('.test.ts');

/** Imports between shipped folders; files in the root of server/ are nodes, main.ts and cli.ts a common one. */
function importGraph(sources: readonly Source[]): Graph {
  const shipped = sources.filter(({ path }) => isShipped(path));
  const nodeByPath = new Map(shipped.map(({ path }) => [path, nodeOf(path)]));
  const graph = new Map<string, Set<string>>([...nodeByPath.values()].toSorted().map((node) => [node, new Set()]));
  for (const { path, imports } of shipped) {
    const from = nodeByPath.get(path)!;
    for (const { target } of imports) {
      const to = nodeByPath.get(target);
      if (to !== undefined && to !== from) graph.get(from)!.add(to);
    }
  }
  return graph;
}

function nodeOf(path: string): string {
  const [top = '', folder = ''] = path.split('/');
  if (top === 'contract') return top;
  if (path === 'server/main.ts' || path === 'server/cli.ts') return 'entries';
  return folder.replace(/\.ts$/, '');
}

/** The nodes of a cycle, the first one repeated at the end; null if there is none. */
function cycleIn(graph: Graph): string[] | null {
  const done = new Set<string>();

  function visit(node: string, trail: readonly string[]): string[] | null {
    if (trail.includes(node)) return [...trail.slice(trail.indexOf(node)), node];
    if (done.has(node)) return null;
    for (const next of graph.get(node) ?? []) {
      const cycle = visit(next, [...trail, node]);
      if (cycle !== null) return cycle;
    }
    done.add(node);
    return null;
  }

  for (const node of graph.keys()) {
    const cycle = visit(node, []);
    if (cycle !== null) return cycle;
  }
  return null;
}

/** The edges that are not implied by a longer path. */
function reduced(graph: Graph): [string, string][] {
  const reaches = (from: string, to: string): boolean =>
    from === to || [...(graph.get(from) ?? [])].some((next) => reaches(next, to));
  return [...graph].flatMap(([from, targets]) =>
    [...targets]
      .filter((to) => ![...targets].some((other) => other !== to && reaches(other, to)))
      .toSorted()
      .map((to): [string, string] => [from, to]),
  );
}

/** The length of the longest path down; 0 for a node that imports nothing. */
function levelsOf(graph: Graph): Map<string, number> {
  const levels = new Map<string, number>();
  const levelOf = (node: string): number => {
    if (!levels.has(node)) levels.set(node, Math.max(-1, ...[...graph.get(node)!].map(levelOf)) + 1);
    return levels.get(node)!;
  };
  for (const node of graph.keys()) levelOf(node);
  return levels;
}

const labels: Readonly<Record<string, string>> = {
  api: 'api.ts',
  compose: 'compose.ts',
  entries: 'main.ts, cli.ts',
  worker: 'worker.ts',
};

/** The diagram, importers above what they import. Throws when the graph has a cycle. */
export function diagram(sources: readonly Source[]): string {
  const graph = importGraph(sources);
  const cycle = cycleIn(graph);
  if (cycle !== null) throw new Error(`The folders import each other in a cycle: ${cycle.join(' -> ')}`);
  const levels = levelsOf(graph);
  const downwards = (a: string, b: string) => levels.get(b)! - levels.get(a)! || (a < b ? -1 : 1);
  return [
    '```mermaid',
    'flowchart TD',
    ...[...graph.keys()].toSorted(downwards).map((node) => `    ${node}["${labels[node] ?? node}"]`),
    ...reduced(graph)
      .toSorted(([a, b], [c, d]) => downwards(a, c) || downwards(b, d))
      .map(([from, to]) => `    ${from} --> ${to}`),
    '```',
  ].join('\n');
}
