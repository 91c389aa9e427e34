/** Markdown, also while it grows: finished blocks keep their identity, so that nothing flickers and a selection survives. */
import { useState } from 'react';
import { blockReader } from './blocks.ts';
import { BlockView } from './block-view.tsx';
import './markdown.css';

export function Markdown({ source, live }: { readonly source: string; readonly live: boolean }) {
  const [reader] = useState(blockReader);
  const blocks = reader.read(source);
  return (
    <div className={`markdown ${live ? 'markdown-live' : ''}`}>
      {blocks.map(({ start, token }) => (
        <BlockView key={start} token={token} />
      ))}
    </div>
  );
}
