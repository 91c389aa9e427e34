/** Which metrics and labels a PromQL expression names: enough of the language for the queries we write. */

export interface Query {
  readonly metrics: string[];
  readonly labels: string[];
}

const words = new Set(['and', 'or', 'unless', 'by', 'without', 'on', 'ignoring', 'group_left', 'group_right', 'bool']);

export function readQuery(expression: string): Query {
  const plain = expression.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""').replaceAll(/\[[^\]]*\]/g, '');
  const groups = [...plain.matchAll(/\b(?:by|without|on|ignoring)\s*\(([^)]*)\)/g)].map(([, list]) => list!);
  const matchers = [...plain.matchAll(/\{([^}]*)\}/g)].flatMap(([, list]) => [...list!.matchAll(/(\w+)\s*[=!]/g)]);
  const rest = plain.replaceAll(/\b(?:by|without|on|ignoring)\s*\([^)]*\)/g, ' ').replaceAll(/\{[^}]*\}/g, ' ');
  const names = [...rest.matchAll(/[a-zA-Z_:][\w:]*(?!\w*\s*\()/g)].map(([name]) => name);
  return {
    metrics: names.filter((name) => !words.has(name)),
    labels: [
      ...groups.flatMap((list) => list.split(',').map((label) => label.trim())),
      ...matchers.map(([, label]) => label!),
    ].filter((label) => label !== ''),
  };
}
