/** SQL that puts files on a question in the statement that accepts it, and that shows them on messages. */

/** The files of a message as shown, from an alias of `messages`; null for none. Of a deleted one, what was stored with the message. */
export const attachmentsOf = (m: string) => `case when ${m}.attachments is not null then (
      select json_agg(json_build_object('id', a.id, 'name', a.name, 'media_type', coalesce(f.media_type, a.media_type),
        'size', coalesce(f.size, a.size), 'deleted', f.id is null) order by a.place)
      from rows from (jsonb_to_recordset(${m}.attachments) as (id bigint, name text, media_type text, size bigint))
        with ordinality as a (id, name, media_type, size, place) left join files f on f.id = a.id
    ) end as attachments`;

/**
 * A CTE of the files `ids` of the sender, locked in the order of their ids, and whether they may stand at the question's place: on any
 * version there, and nowhere else.
 */
export const ownFiles = (ids: string) => `file as materialized (
    select f.id, f.name, f.media_type, f.size,
      f.chatroom_id is null or f.chatroom_id = place.room_id and f.parent_id is not distinct from place.parent_id as free
    from place join files f on f.user_id = place.user_id and f.id = any(${ids}::bigint[]) and f.status <> 'uploading'
    order by f.id for no key update of f
  )`;

/** True if the question may have all of them. */
export const hasFiles = (ids: string) => `(select count(*) from file where free) = cardinality(${ids}::bigint[])`;

/** Stored with the message, in the order in which they were sent. */
export const storedFiles = (ids: string) => `(
      select jsonb_agg(jsonb_build_object('id', id, 'name', name, 'media_type', media_type, 'size', size)
        order by array_position(${ids}::bigint[], id)) from file
    )`;

/** A CTE that binds them to the place of the question that was inserted. */
export const boundFiles = `bound as (
    update files f set chatroom_id = payer.room_id, parent_id = payer.parent_id
    from payer, question, file where f.id = file.id and f.chatroom_id is null
  )`;

export const fileColumns = `array(select id from file where free) as "freeFiles", array(select id from file) as "ownFiles"`;
