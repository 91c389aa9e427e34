/** Exports a room page by page: as much is read as the client takes, so a long room needs no more memory than a short one. */
import type { Message } from '../../contract/messages.ts';
import { presentRoom } from '../chatrooms/room-list.ts';
import type { ChatroomRow } from '../chatrooms/store.ts';
import { fileNameParameter, safeName } from '../http/file-name.ts';
import type { Connection } from '../ports/database.ts';
import { isWhole, readBranches, readPathPage, readPathPages, type BranchRow } from './export-store.ts';
import { presentMessage } from './present.ts';

interface Exported {
  readonly userId: number;
  readonly room: ChatroomRow;
}

/**
 * The room's path as Markdown: a heading for each message, its text as written, and the names of its files. Replies without text
 * are left out.
 */
export async function* exportMarkdown(db: Connection, { userId, room }: Exported): AsyncGenerator<string> {
  yield `# ${oneLine(room.name)}\n`;
  const path = { userId, roomId: room.id };
  for (const ids of await readPathPages(db, path)) {
    const page = await readPathPage(db, { ...path, ids });
    if (page.length !== ids.length) throw gone();
    yield page.map(section).join('');
  }
  if (!(await isWhole(db, path))) throw gone();
}

function section({ isFromUser, status, content, createdAt, attachments }: BranchRow): string {
  const files = (attachments ?? []).map(({ name }) => `- ${asText(name)}\n`).join('');
  if (status === 'failed' || (content === '' && files === '')) return '';
  const parts = [content === '' ? '' : `${content.trimEnd()}\n`, files === '' ? '' : `Files:\n\n${files}`];
  const text = parts.filter((part) => part !== '').join('\n');
  return `\n## ${isFromUser ? 'Question' : 'Answer'} · ${createdAt.toISOString()}\n\n${text}`;
}

/** Names are no Markdown. */
const asText = (name: string) => name.replaceAll(/[\\`*_[\]<>|#~$&!]/g, String.raw`\$&`);

/** Markdown headings end with their line. */
function oneLine(name: string): string {
  return name.replaceAll(/\s+/g, ' ').trim();
}

/** The room as JSON with the messages of all branches, oldest first. */
export async function* exportJson(db: Connection, { userId, room }: Exported): AsyncGenerator<string> {
  yield `${JSON.stringify(presentRoom(room)).slice(0, -1)},"messages":[`;
  let after = 0;
  for (;;) {
    const page = await readBranches(db, { userId, roomId: room.id, after });
    if (page === null) throw gone();
    if (page.length === 0) break;
    const entries = page.map((row) => JSON.stringify(exported(row)));
    yield `${after === 0 ? '' : ','}\n${entries.join(',\n')}`;
    after = page.at(-1)!.id;
  }
  if (!(await isWhole(db, { userId, roomId: room.id }))) throw gone();
  yield '\n]}\n';
}

/** `parent_id` says which are versions; a list of them in each would grow with their square. */
function exported(row: BranchRow): Omit<Message, 'versions'> {
  const { versions: _, ...message } = presentMessage({ ...row, versions: [] });
  return message;
}

/** A room deleted meanwhile must not look like the end of it. */
function gone(): Error {
  return new Error('the room was deleted during its export');
}

/** `Content-Disposition` with the room's name as file name. */
export function attachmentNamed(name: string, extension: string): string {
  return `attachment; ${fileNameParameter(`${safeName(name, 'chat')}.${extension}`)}`;
}
