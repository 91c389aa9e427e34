CREATE TABLE "shares" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "shares_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"chatroom_id" bigint NOT NULL,
	"handle" text NOT NULL,
	"name" text NOT NULL,
	"messages" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "shares_handle_unique" UNIQUE("handle")
);
--> statement-breakpoint
ALTER TABLE "shares" ADD CONSTRAINT "shares_chatroom_id_chatrooms_id_fk" FOREIGN KEY ("chatroom_id") REFERENCES "public"."chatrooms"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "shares_room" ON "shares" USING btree ("chatroom_id","id");