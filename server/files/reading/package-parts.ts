/** The parts of an Office document (ECMA-376, part 2): XML files in an archive that refer to each other. */
import path from 'node:path';
import { openArchive, type Archive } from './zip.ts';
import { Unreadable } from './result.ts';
import { readXml, type XmlEvents } from './xml.ts';

export interface Relation {
  /** The last word of its type, such as `slide`. */
  readonly type: string;
  /** The name of the part it leads to. */
  readonly target: string;
}

export interface Parts {
  /** The part that the document begins with. */
  readonly main: string;
  /** Nothing happens if there is no such part. Throws `Unreadable`. */
  read(name: string, events: XmlEvents): Promise<void>;
  /** By id. */
  relationsOf(name: string): Promise<ReadonlyMap<string, Relation>>;
}

/** Throws `Unreadable`. */
export async function openParts(bytes: Buffer): Promise<Parts> {
  const archive = await openArchive(bytes);
  const relations = await readRelations(archive, '');
  const main = [...relations.values()].find(({ type }) => type === 'officeDocument')?.target;
  if (main === undefined) throw new Unreadable('damaged');
  return {
    main,
    read: (name, events) => readPart(archive, name, events),
    relationsOf: (name) => readRelations(archive, name),
  };
}

async function readPart(archive: Archive, name: string, events: XmlEvents): Promise<void> {
  if (!archive.names.has(name)) return;
  const xml = readXml(events);
  await archive.read(name, (text) => xml.write(text));
  xml.end();
}

async function readRelations(archive: Archive, name: string): Promise<Map<string, Relation>> {
  const relations = new Map<string, Relation>();
  const folder = path.posix.dirname(name);
  const file = path.posix.join(folder, '_rels', `${path.posix.basename(name)}.rels`);
  await readPart(archive, file, {
    open(element, { Id, Type = '', Target, TargetMode }) {
      if (element !== 'Relationship' || Id === undefined || Target === undefined || TargetMode === 'External') return;
      const target = Target.startsWith('/') ? Target : path.posix.join('/', folder, Target);
      relations.set(Id, { type: Type.slice(Type.lastIndexOf('/') + 1), target: path.posix.normalize(target).slice(1) });
    },
  });
  return relations;
}
