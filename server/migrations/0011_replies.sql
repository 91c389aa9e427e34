-- What people read and the work of writing it go apart: `messages` becomes a tree, `replies` has the rest. Nothing of the
-- release before works on these tables, so all its processes are stopped meanwhile. Copied, because filling in a column of
-- every row would leave the table twice as large.
LOCK TABLE "messages" IN ACCESS EXCLUSIVE MODE;--> statement-breakpoint
ALTER TABLE "messages" RENAME TO "messages_before";--> statement-breakpoint
ALTER SEQUENCE "messages_id_seq" RENAME TO "messages_before_id_seq";--> statement-breakpoint
CREATE TABLE "messages" (
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "messages_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"chatroom_id" bigint NOT NULL,
	"user_id" bigint NOT NULL,
	"parent_id" bigint,
	"is_from_user" boolean NOT NULL,
	"content" text DEFAULT '' NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "replies" (
	"message_id" bigint NOT NULL,
	"question_id" bigint NOT NULL,
	"chatroom_id" bigint NOT NULL,
	"user_id" bigint NOT NULL,
	"status" text NOT NULL,
	"code" text,
	"truncated" boolean DEFAULT false NOT NULL,
	"text" text,
	"epoch" integer DEFAULT 0 NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"deaths" integer DEFAULT 0 NOT NULL,
	"worker_id" uuid,
	"model" text,
	"next_attempt_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"deadline_at" timestamp (3) with time zone,
	"charged_on" date,
	"finished_at" timestamp (3) with time zone,
	"trace" text,
	"cancel_requested" boolean DEFAULT false NOT NULL
);
--> statement-breakpoint
INSERT INTO "replies" (message_id, question_id, chatroom_id, user_id, status, code, truncated, text, epoch, attempts, deaths,
	worker_id, next_attempt_at, deadline_at, charged_on, finished_at, trace, cancel_requested)
SELECT id, in_reply_to, chatroom_id, user_id, status, code, truncated,
	CASE WHEN status IN ('generating', 'failed') THEN content END, epoch, attempts, deaths,
	worker_id, coalesce(next_attempt_at, created_at), deadline_at, charged_on, finished_at, trace, cancel_requested
FROM "messages_before" WHERE NOT is_from_user;--> statement-breakpoint
-- A question followed the newest reply there was to the question before it. Two that were sent at once have their replies
-- behind both: then it follows the first.
WITH question AS (
	SELECT id, lag(id) OVER (PARTITION BY chatroom_id ORDER BY id) AS before_id FROM "messages_before" WHERE is_from_user
), followed AS (
	SELECT question.id, coalesce(max(reply.id) FILTER (WHERE reply.id < question.id), min(reply.id)) AS reply_id
	FROM question JOIN "messages_before" reply ON reply.in_reply_to = question.before_id GROUP BY question.id
)
INSERT INTO "messages" (id, chatroom_id, user_id, parent_id, is_from_user, content, created_at) OVERRIDING SYSTEM VALUE
SELECT m.id, m.chatroom_id, m.user_id, CASE WHEN m.is_from_user THEN followed.reply_id ELSE m.in_reply_to END, m.is_from_user,
	CASE WHEN m.is_from_user OR m.status IN ('complete', 'cancelled') THEN m.content ELSE '' END, m.created_at
FROM "messages_before" m LEFT JOIN followed ON followed.id = m.id;--> statement-breakpoint
SELECT setval('messages_id_seq', last_value, is_called) FROM "messages_before_id_seq";--> statement-breakpoint
DROP TABLE "messages_before";--> statement-breakpoint
ALTER TABLE "messages" ADD PRIMARY KEY ("id");--> statement-breakpoint
ALTER TABLE "replies" ADD PRIMARY KEY ("message_id");--> statement-breakpoint
CREATE INDEX "messages_room" ON "messages" USING btree ("chatroom_id","id");--> statement-breakpoint
CREATE INDEX "messages_parent" ON "messages" USING btree ("chatroom_id","parent_id","id");--> statement-breakpoint
CREATE INDEX "replies_queued" ON "replies" USING btree ("user_id","message_id") WHERE status = 'queued';--> statement-breakpoint
CREATE INDEX "replies_generating" ON "replies" USING btree ("user_id","message_id") WHERE status = 'generating';--> statement-breakpoint
CREATE INDEX "replies_unfinished" ON "replies" USING btree ("chatroom_id","message_id") WHERE status in ('queued', 'generating');--> statement-breakpoint
CREATE UNIQUE INDEX "replies_one_unfinished" ON "replies" USING btree ("question_id") WHERE status in ('queued', 'generating') and not cancel_requested;--> statement-breakpoint
CREATE INDEX "replies_finished" ON "replies" USING brin ("finished_at");--> statement-breakpoint
ALTER TABLE "messages" ADD CONSTRAINT "messages_chatroom_id_chatrooms_id_fk" FOREIGN KEY ("chatroom_id") REFERENCES "public"."chatrooms"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "replies" ADD CONSTRAINT "replies_message_id_messages_id_fk" FOREIGN KEY ("message_id") REFERENCES "public"."messages"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
create or replace function pollux_unfinished(account bigint) returns int language plpgsql volatile as $$ begin
  return (select count(*) from replies where user_id = account and status = 'queued')
    + (select count(*) from replies where user_id = account and status = 'generating');
end $$;
--> statement-breakpoint
-- The newest reply to the newest question of a room: no parent is newer than that question. Volatile for the same reason:
-- called while the day's row of the account is locked, it sees what was sent a moment before.
create function pollux_path_end(room bigint) returns bigint language plpgsql volatile as $$ begin
  return (select id from messages where chatroom_id = room and parent_id is not null and not is_from_user
    order by parent_id desc, id desc limit 1);
end $$;
--> statement-breakpoint
ANALYZE "messages";--> statement-breakpoint
ANALYZE "replies";
