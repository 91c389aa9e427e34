-- Of several unfinished replies to one question, which could be made until now, the newest goes on.
LOCK TABLE "messages" IN SHARE ROW EXCLUSIVE MODE;--> statement-breakpoint
UPDATE "messages" AS m SET cancel_requested = true, status = CASE m.status WHEN 'queued' THEN 'cancelled' ELSE m.status END
WHERE m.status IN ('queued', 'generating') AND NOT m.cancel_requested AND EXISTS (
	SELECT FROM "messages" newer WHERE newer.in_reply_to = m.in_reply_to AND newer.chatroom_id = m.chatroom_id AND newer.id > m.id
		AND newer.status IN ('queued', 'generating') AND NOT newer.cancel_requested
);--> statement-breakpoint
CREATE UNIQUE INDEX "messages_one_unfinished_reply" ON "messages" USING btree ("in_reply_to") WHERE status in ('queued', 'generating') and not cancel_requested;