/** Markdown, also while it grows: finished blocks keep their identity, so that nothing flickers and a selection survives. */
import { useState } from 'react';
import { blockReader } from './blocks.ts';
import { BlockView } from './block-view.tsx';
import { WithFootnotes } from './footnote-list.tsx';
import { footnotesIn } from './footnotes.ts';
import './markdown.css';

/** Blocks that are laid out and painted together, or not at all while they are out of sight. */
const groupSize = 6;

export function Markdown({ source, live }: { readonly source: string; readonly live: boolean }) {
  const [reader] = useState(blockReader);
  // What grew before somebody's eyes stays as it is when it is done.
  const [grew] = useState(live);
  const blocks = reader.read(source).filter(({ token }) => token.type !== 'space');
  const groups = Array.from({ length: Math.ceil(blocks.length / groupSize) }, (_, index) =>
    blocks.slice(index * groupSize, (index + 1) * groupSize),
  );
  return (
    <div className={`markdown ${live ? 'markdown-live' : ''} ${grew ? 'markdown-grew' : ''}`}>
      <WithFootnotes footnotes={footnotesIn(blocks)}>
        {groups.map((group, index) => (
          <div key={index} className="markdown-group">
            {group.map(({ start, token }) => (
              <BlockView key={start} token={token} />
            ))}
          </div>
        ))}
      </WithFootnotes>
    </div>
  );
}
