ALTER TABLE "chatrooms" ADD COLUMN "head_id" bigint;--> statement-breakpoint
update chatrooms set head_id = pollux_path_end(id);
--> statement-breakpoint
create or replace function pollux_path_end(room bigint) returns bigint language plpgsql volatile as $$ begin
  return (select head_id from chatrooms where id = room);
end $$;
--> statement-breakpoint
-- The end of the path through a message: the newest one below it, which has none below. Null if it is not in the room.
-- Volatile, so that called while the room is locked it sees what whoever held that lock before has committed.
create function pollux_leaf(room bigint, message bigint) returns bigint language plpgsql volatile
  set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off as $$ begin
  return (with recursive below as (
    select id from messages where id = message and chatroom_id = room
    union all
    select child.id from below join messages child on child.chatroom_id = room and child.parent_id = below.id
  ) select max(id) from below);
end $$;
--> statement-breakpoint
-- The messages with this parent, oldest first. Volatile for the same reason: it sees those that its statement inserts.
create function pollux_versions(room bigint, parent bigint) returns bigint[] language plpgsql volatile as $$ begin
  if parent is null then
    return array(select id from messages where chatroom_id = room and parent_id is null order by id);
  end if;
  return array(select id from messages where chatroom_id = room and parent_id = parent order by id);
end $$;
