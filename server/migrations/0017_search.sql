CREATE FUNCTION "pollux_search_terms" ("account" bigint, "block" integer, "room" bigint, "terms" "tsvector") RETURNS "tsvector"
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  select array_to_tsvector(array(
    select account::text || '.' || block::text || ' ' || term from unnest(tsvector_to_array(terms)) as term
    union all select account::text || '.' || block::text || ' #' || room::text
  ))
$$;
--> statement-breakpoint
CREATE TABLE "search_accounts" (
	"user_id" bigint PRIMARY KEY NOT NULL,
	"entries" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "search_entries" (
	"message_id" bigint PRIMARY KEY NOT NULL,
	"user_id" bigint NOT NULL,
	"chatroom_id" bigint NOT NULL,
	"block" integer NOT NULL,
	"terms" "tsvector" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "search_progress" (
	"id" integer PRIMARY KEY NOT NULL,
	"after_id" bigint NOT NULL,
	"holder" uuid,
	"held_until" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "search_waiting" (
	"message_id" bigint PRIMARY KEY NOT NULL,
	"since" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"check_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "search_accounts" ADD CONSTRAINT "search_accounts_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "search_entries" ADD CONSTRAINT "search_entries_message_id_messages_id_fk" FOREIGN KEY ("message_id") REFERENCES "public"."messages"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "search_entries_terms" ON "search_entries" USING gin (pollux_search_terms("user_id", "block", "chatroom_id", "terms")) WITH (fastupdate=false);--> statement-breakpoint
CREATE INDEX "search_waiting_due" ON "search_waiting" USING btree ("check_at");--> statement-breakpoint
INSERT INTO "search_progress" ("id", "after_id") VALUES (1, 0);
