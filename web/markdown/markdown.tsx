/** Renders Markdown, also while streaming: finished blocks keep their identity, so nothing flickers and selections are kept. */
import { useState } from 'react';
import { blockReader } from './blocks.ts';
import { BlockView } from './block-view.tsx';
import { WithFootnotes } from './footnote-list.tsx';
import { footnotesIn } from './footnotes.ts';
import './markdown.css';

/** Blocks in one group, which the browser skips while it is out of view. */
const groupSize = 6;

export function Markdown({ source, live }: { readonly source: string; readonly live: boolean }) {
  const [reader] = useState(blockReader);
  // Text that was streamed while visible is not rendered differently when it is complete.
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
