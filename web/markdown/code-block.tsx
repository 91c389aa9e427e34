/** Code, always left to right, with its language and a copy button; highlighted up to the last complete line. */
import { memo, useEffect, useMemo, useState } from 'react';
import { useText } from '../languages/text.ts';
import type { Colour } from './highlight.ts';

const copiedMs = 1500;

export function CodeBlock({ info, code }: { readonly info: string; readonly code: string }) {
  const text = useText();
  const [copied, setCopied] = useState(false);
  const name = info.split(/[\s{:]/)[0] ?? '';
  const colour = useColour(name);
  const wholeLines = code.lastIndexOf('\n') + 1;

  async function copy(): Promise<void> {
    await navigator.clipboard.writeText(code);
    setCopied(true);
    setTimeout(() => setCopied(false), copiedMs);
  }

  return (
    <div dir="ltr" className="overflow-hidden rounded-[14px] border border-line bg-sunk">
      <div className="flex items-center justify-between border-b border-line ps-4 pe-2 text-[13px] text-faint">
        <span>{name}</span>
        <button
          type="button"
          onClick={() => void copy()}
          className="min-h-8 rounded-lg px-2 font-medium hover:text-ink pointer-coarse:min-h-10"
        >
          {text(copied ? 'copied' : 'code.copy')}
        </button>
      </div>
      <pre tabIndex={0} className="m-0 overflow-x-auto px-4 py-3 font-mono text-[13.2px] leading-[1.65]">
        <code>
          <Coloured code={code.slice(0, wholeLines)} colour={colour} />
          {code.slice(wholeLines)}
        </code>
      </pre>
    </div>
  );
}

/** The highlighter of a language, loaded on demand; null until then and for an unknown language. */
function useColour(name: string): Colour | null {
  const [ready, setReady] = useState<Colour | null>(null);
  useEffect(() => {
    let gone = false;
    setReady(null);
    if (name === '') return;
    void import('./highlight.ts')
      .then(({ prepare }) => prepare(name))
      .then(
        (colour) => gone || setReady(() => colour),
        () => {},
      );
    return () => {
      gone = true;
    };
  }, [name]);
  return ready;
}

const Coloured = memo(function Coloured({ code, colour }: { readonly code: string; readonly colour: Colour | null }) {
  const runs = useMemo(() => colour?.(code) ?? null, [code, colour]);
  if (runs === null) return code;
  return runs.map(({ text, scope }, index) =>
    scope === null ? (
      text
    ) : (
      <span key={index} className={`code-${scope.split(/[.:]/)[0]}`}>
        {text}
      </span>
    ),
  );
});
