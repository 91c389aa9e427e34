DROP INDEX "files_age";--> statement-breakpoint
ALTER TABLE "files" ADD COLUMN "chatroom_id" bigint;--> statement-breakpoint
ALTER TABLE "files" ADD COLUMN "parent_id" bigint;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "attachments" jsonb;--> statement-breakpoint
ALTER TABLE "files" ADD CONSTRAINT "files_chatroom_id_chatrooms_id_fk" FOREIGN KEY ("chatroom_id") REFERENCES "public"."chatrooms"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "files_room" ON "files" USING btree ("chatroom_id") WHERE chatroom_id is not null;--> statement-breakpoint
CREATE INDEX "files_age" ON "files" USING btree ("created_at") WHERE chatroom_id is null;