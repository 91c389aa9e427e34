ALTER TABLE "chatrooms" ADD COLUMN "name_source" text DEFAULT 'user' NOT NULL;--> statement-breakpoint
ALTER TABLE "chatrooms" ADD COLUMN "instructions" text;--> statement-breakpoint
ALTER TABLE "chatrooms" ADD COLUMN "model" text;--> statement-breakpoint
ALTER TABLE "chatrooms" ADD COLUMN "pinned" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "chatrooms" ADD COLUMN "archived" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "chatrooms" ADD COLUMN "read_id" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
update chatrooms c set read_id = coalesce((select max(id) from messages where chatroom_id = c.id), 0);--> statement-breakpoint
CREATE INDEX "chatrooms_live" ON "chatrooms" USING btree ("user_id","updated_at" DESC NULLS LAST,"id" DESC NULLS LAST) WHERE not archived;--> statement-breakpoint
CREATE INDEX "chatrooms_archived" ON "chatrooms" USING btree ("user_id","updated_at" DESC NULLS LAST,"id" DESC NULLS LAST) WHERE archived;--> statement-breakpoint
CREATE INDEX "chatrooms_pinned" ON "chatrooms" USING btree ("user_id","updated_at" DESC NULLS LAST,"id" DESC NULLS LAST) WHERE pinned;