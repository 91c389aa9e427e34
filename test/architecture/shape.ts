/** Rules for single files. */
import type { Source } from './sources.ts';

const mostLines = 300;
const kebabCase = /^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)*$/;
const namesOfNothing = /(^|[/-])(utils?|helpers?|common|misc)([./-]|$)/;
const isConfig = (path: string) => /\.config\.(ts|mjs)$/.test(path);
const isLazyPage = (path: string) => path.startsWith('web/pages/');

/** Every file that breaks a rule, with the reason. */
export function misshapen(sources: readonly Source[]): string[] {
  return sources.flatMap((source) => faultsOf(source).map((fault) => `${source.path}: ${fault}`));
}

/** Names of plans belong in the catalog. */
function namesAPlan(path: string, text: string): boolean {
  const mayNotKnow =
    /^(contract|server|web)\//.test(path) && !path.endsWith('.test.ts') && path !== 'contract/plans.ts';
  return mayNotKnow && /(['"`])(Basic|Pro)\1/.test(text);
}

function faultsOf({ path, text }: Source): string[] {
  const lines = text.trimEnd().split('\n').length;
  const segments = path.split('/');
  const hasDefault = /^export default\b|^export \{[^}]*\bas default\b/m.test(text);
  return [
    lines > mostLines && `has ${lines} lines; at most ${mostLines} are allowed`,
    !isConfig(path) &&
      !/^(#!.*\n)?\/\*\*\s+(?:\* )?["`\w]/.test(text) &&
      'does not open with a /** sentence of purpose */',
    !segments.every((segment) => kebabCase.test(segment)) && 'is not named in kebab-case',
    namesOfNothing.test(path) && 'has a name without meaning',
    namesAPlan(path, text) && 'names a plan; contract/plans.ts does',
    hasDefault && !isConfig(path) && !isLazyPage(path) && 'has a default export',
  ].filter((fault) => fault !== false);
}
