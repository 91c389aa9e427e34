/** Walks XML without building a tree. Entities are not expanded, and what declares some is refused. */
import { SaxesParser } from 'saxes';
import { Unreadable } from './result.ts';

const deepest = 200;

export interface XmlEvents {
  readonly open?: (name: string, attributes: Readonly<Record<string, string>>) => void;
  readonly text?: (text: string) => void;
  readonly close?: (name: string) => void;
}

export interface XmlReader {
  /** Throws `Unreadable`. */
  write(text: string): void;
  /** Throws `Unreadable` for XML that is not complete. */
  end(): void;
}

/** Names of elements come without their prefix: documents choose prefixes as they like. */
export function readXml({ open, text, close }: XmlEvents): XmlReader {
  const parser = new SaxesParser({ position: false });
  let depth = 0;
  parser.on('doctype', refuse);
  parser.on('error', refuse);
  parser.on('opentag', ({ name, attributes }) => {
    depth += 1;
    if (depth > deepest) throw new Unreadable('too_complex');
    open?.(local(name), attributes as Record<string, string>);
  });
  if (text) parser.on('text', text);
  if (text) parser.on('cdata', text);
  parser.on('closetag', ({ name }) => {
    depth -= 1;
    close?.(local(name));
  });
  return { write: (chunk) => void parser.write(chunk), end: () => void parser.close() };
}

const local = (name: string) => name.slice(name.indexOf(':') + 1);

function refuse(): never {
  throw new Unreadable('damaged');
}
