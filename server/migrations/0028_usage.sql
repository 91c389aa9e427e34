CREATE TABLE "usage_entries" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "usage_entries_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"user_id" bigint,
	"purpose" text NOT NULL,
	"message_id" bigint,
	"attempt" integer,
	"tier" text,
	"model" text NOT NULL,
	"asked_model" text NOT NULL,
	"name" text,
	"prompt_tokens" integer NOT NULL,
	"cached_tokens" integer NOT NULL,
	"audio_tokens" integer NOT NULL,
	"answer_tokens" integer NOT NULL,
	"thinking_tokens" integer NOT NULL,
	"cost_micros" bigint NOT NULL,
	"is_estimate" boolean NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "usage_entries" ADD CONSTRAINT "usage_entries_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "usage_entries_account" ON "usage_entries" USING btree ("user_id","created_at","cost_micros");--> statement-breakpoint
CREATE INDEX "usage_entries_time" ON "usage_entries" USING btree ("created_at","cost_micros");