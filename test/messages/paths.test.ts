/** With random actions on several devices, the paths of a room's tree equal those of a simple model. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { signIn, type Answer, type Client } from '../client.ts';
import { scaled } from '../fault-scale.ts';
import { productTest, testModes } from '../fixtures.ts';
import type { Mode } from '../modes.ts';
import { seed } from '../random.ts';

interface Node {
  readonly id: number;
  readonly parent: number | null;
  readonly isFromUser: boolean;
  unfinished: boolean;
}

/** The expected room: every message with its parent, and the end of the current path. */
class RoomModel {
  readonly nodes = new Map<number, Node>();
  head: number | null = null;

  get all(): Node[] {
    return [...this.nodes.values()];
  }

  versions(parent: number | null): Node[] {
    return this.all.filter((node) => node.parent === parent);
  }

  accept(question: number, parent: number | null, reply: number): void {
    this.nodes.set(question, { id: question, parent, isFromUser: true, unfinished: false });
    this.nodes.set(reply, { id: reply, parent: question, isFromUser: false, unfinished: true });
    this.head = reply;
  }

  /** The newest message below, itself included. */
  leaf(id: number): number {
    return Math.max(id, ...this.versions(id).map((child) => this.leaf(child.id)));
  }

  path(end: number | null): number[] {
    const path: number[] = [];
    for (let at = end; at !== null; at = this.nodes.get(at)!.parent) path.unshift(at);
    return path;
  }
}

type Step = { readonly device: number; readonly pick: number } & (
  | { readonly kind: 'send'; readonly expects: 'nothing' | 'head' | 'other' }
  | { readonly kind: 'edit' | 'regenerate' | 'cancel' | 'choose' | 'delete' }
);

const kinds = ['edit', 'edit', 'regenerate', 'regenerate', 'cancel', 'cancel', 'choose', 'choose', 'delete'] as const;
const where = { device: fc.nat(2), pick: fc.nat() };
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ ...where, kind: fc.constant('send' as const), expects: fc.constantFrom('nothing', 'head', 'other') }),
  { weight: 2, arbitrary: fc.record({ ...where, kind: fc.constantFrom(...kinds) }) },
);

const testIn = (mode: Mode) =>
  productTest({ mode, role: mode.apis > 1 ? 'api' : 'all', environment: { BASIC_DAILY_LIMIT: '100000' } }).extend(
    'devices',
    { scope: 'file' },
    async ({ second, sql, url }): Promise<readonly Client[]> => {
      // No reply is claimed, so that each stays unfinished until it is cancelled.
      await sql(`insert into model_pauses values ('demo', now() + interval '1 hour')`);
      const first = await signIn(url);
      // One after another, because a new code replaces the previous one.
      const elsewhere = await signIn(second.url, { number: first.number });
      return [first, elsewhere, await signIn(url, { number: first.number })];
    },
  );

testModes('the paths of a room', testIn, (it) => {
  it.beforeAll(({ devices }) => void devices);

  const idsOf = ({ body }: Answer): number[] => body.map(({ id }: { id: number }) => id);

  /** The room as each device reads it. */
  async function compare(devices: readonly Client[], roomId: number, model: RoomModel): Promise<void> {
    for (const device of devices) {
      expect((await device.call('GET', `/chatroom/${roomId}`)).body.head_id).toBe(model.head);
      const { body } = await device.call('GET', `/chatroom/${roomId}/messages?include=pending`);
      expect(body.map(({ id }: { id: number }) => id)).toEqual(model.path(model.head));
      for (const { parent_id, versions } of body)
        expect(versions).toEqual(model.versions(parent_id).map(({ id }) => id));
    }
    const pageOf = async (query: string) =>
      idsOf(await devices[0]!.call('GET', `/chatroom/${roomId}/messages?include=pending&${query}`));
    for (const { id, parent } of model.all) {
      expect(await pageOf(`through=${id}`)).toEqual(model.path(model.leaf(id)));
      expect(await pageOf(`before=${id}&on_path=true`)).toEqual(model.path(parent));
    }
    const cursor = model.all.at(model.nodes.size / 2)?.id ?? 1;
    expect(await pageOf(`before=${cursor}`)).toEqual(model.path(model.head).filter((id) => id < cursor));
    expect(await pageOf(`after=${cursor}`)).toEqual(model.path(model.head).filter((id) => id > cursor));
  }

  it('equal those of the model', { timeout: 120_000 }, async ({ devices }) => {
    const room = () => devices[0]!.room();

    async function take(roomId: number, model: RoomModel, step: Step): Promise<number> {
      const device = devices[step.device]!;
      const anyOf = (nodes: Node[]): Node | undefined => nodes[step.pick % nodes.length];
      const inRoom = `/chatroom/${roomId}`;
      const send = (body: object) => device.call('POST', `${inRoom}/message`, { body: { content: 'Why?', ...body } });
      const accepted = ({ status, body }: Answer, parent: number | null): void => {
        expect(status).toBe(202);
        model.accept(body.id, parent, body.reply.id);
      };
      if (step.kind === 'send') {
        if (step.expects === 'nothing') accepted(await send({}), model.head);
        else if (step.expects === 'head') accepted(await send({ if_head_id: model.head }), model.head);
        else expect(await send({ if_head_id: 1e15 })).toMatchObject({ status: 409, body: { head_id: model.head } });
        return roomId;
      }
      if (step.kind === 'delete') {
        // One in eight, or the tree would stay too small.
        if (step.pick % 8 > 0) return roomId;
        expect((await device.call('DELETE', inRoom)).status).toBe(204);
        expect((await send({})).status).toBe(404);
        Object.assign(model, new RoomModel());
        return room();
      }
      const node = anyOf(
        model.all.filter(({ isFromUser }) => step.kind === 'choose' || isFromUser === (step.kind === 'edit')),
      );
      if (!node) return roomId;
      if (step.kind === 'edit') accepted(await send({ parent_id: node.parent }), node.parent);
      else if (step.kind === 'choose') {
        const { body } = await device.call('PATCH', inRoom, { body: { head_id: node.id } });
        model.head = model.leaf(node.id);
        expect(body.head_id).toBe(model.head);
      } else if (step.kind === 'cancel') {
        expect((await device.call('POST', `${inRoom}/messages/${node.id}/cancel`)).status).toBe(202);
        node.unfinished = false;
      } else {
        const answer = await device.call('POST', `${inRoom}/messages/${node.id}/regenerate`);
        if (model.versions(node.parent).some(({ unfinished }) => unfinished)) expect(answer.status).toBe(409);
        else {
          expect(answer).toMatchObject({ status: 202, body: { id: node.parent } });
          const question = model.nodes.get(node.parent!)!;
          model.accept(question.id, question.parent, answer.body.reply.id);
        }
      }
      return roomId;
    }

    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { minLength: 5, maxLength: 25 }), async (steps) => {
        let roomId = await room();
        const model = new RoomModel();
        for (const step of steps) roomId = await take(roomId, model, step);
        await compare(devices, roomId, model);
      }),
      { seed, numRuns: scaled(8), endOnFailure: true },
    );
  });

  it(
    'are valid also after concurrent actions, and each message is charged once',
    { timeout: 60_000 },
    async ({ devices, sql }) => {
      const usedToday = async () => (await devices[0]!.call('GET', '/user/me')).body.daily_message_count;
      const roomId = await devices[0]!.room();
      const { body: first } = await devices[0]!.ask(roomId, 'First?');
      await devices[0]!.call('POST', `/chatroom/${roomId}/messages/${first.reply.id}/cancel`);
      const before = await usedToday();
      const answers = await Promise.all(
        Array.from({ length: 24 }, (_, n) => {
          const device = devices[n % devices.length]!;
          const send = (body: object) => device.call('POST', `/chatroom/${roomId}/message`, { body });
          if (n % 4 === 0) return send({ content: 'Next?' });
          if (n % 4 === 1) return send({ content: 'First, edited?', parent_id: null });
          if (n % 4 === 2) return device.call('POST', `/chatroom/${roomId}/messages/${first.reply.id}/regenerate`);
          return device.call('PATCH', `/chatroom/${roomId}`, { body: { head_id: first.id } });
        }),
      );
      const made = answers.filter(({ status }) => status === 202);
      expect(made).toHaveLength(6 + 6 + 1);
      expect(await usedToday()).toBe(before + made.length);
      const rows = await sql<{ id: number; parent: number | null; question: boolean }>(
        'select id, parent_id as parent, is_from_user as question from messages where chatroom_id = $1 order by id',
        [roomId],
      );
      const model = new RoomModel();
      for (const { id, parent, question } of rows) {
        model.nodes.set(id, { id, parent, isFromUser: question, unfinished: false });
      }
      const { body: room } = await devices[0]!.call('GET', `/chatroom/${roomId}`);
      model.head = room.head_id;
      // The end of the path is always a leaf, so that messages after it do not become versions by accident.
      expect(model.versions(model.head)).toEqual([]);
      await compare(devices, roomId, model);
    },
  );
});
