CREATE TABLE "usage_accounts" (
	"day" date NOT NULL,
	"dimension" text NOT NULL,
	"key" text NOT NULL,
	"block" integer NOT NULL,
	"accounts" bit(1024) NOT NULL,
	CONSTRAINT "usage_accounts_dimension_day_key_block_pk" PRIMARY KEY("dimension","day","key","block")
);
--> statement-breakpoint
CREATE TABLE "usage_days" (
	"day" date PRIMARY KEY NOT NULL,
	"rolled_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "usage_first_texts" (
	"day" date NOT NULL,
	"dimension" text NOT NULL,
	"key" text NOT NULL,
	"bucket" smallint NOT NULL,
	"calls" integer NOT NULL,
	CONSTRAINT "usage_first_texts_dimension_day_key_bucket_pk" PRIMARY KEY("dimension","day","key","bucket")
);
--> statement-breakpoint
CREATE TABLE "usage_rollups" (
	"day" date NOT NULL,
	"dimension" text NOT NULL,
	"key" text NOT NULL,
	"messages" integer NOT NULL,
	"calls" integer NOT NULL,
	"prompt_tokens" bigint NOT NULL,
	"cached_tokens" bigint NOT NULL,
	"answer_tokens" bigint NOT NULL,
	"thinking_tokens" bigint NOT NULL,
	"cost_micros" bigint NOT NULL,
	"failures" integer NOT NULL,
	"refunds" integer NOT NULL,
	CONSTRAINT "usage_rollups_dimension_day_key_pk" PRIMARY KEY("dimension","day","key")
);
--> statement-breakpoint
CREATE TABLE "plan_changes" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "plan_changes_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"from_tier" text NOT NULL,
	"to_tier" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "reply_failures" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "reply_failures_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"code" text,
	"model" text,
	"tier" text,
	"refunded" boolean NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "payments" (
	"id" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"user_id" bigint,
	"invoice_id" text NOT NULL,
	"tier" text,
	"amount" bigint NOT NULL,
	"currency" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "usage_entries" ADD COLUMN "first_text_ms" integer;--> statement-breakpoint
ALTER TABLE "billing_customers" ADD COLUMN "payments_epoch" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "payments" ADD CONSTRAINT "payments_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "plan_changes_time" ON "plan_changes" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "reply_failures_time" ON "reply_failures" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "payments_time" ON "payments" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "payments_account" ON "payments" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "payments_invoice" ON "payments" USING btree ("invoice_id");--> statement-breakpoint
CREATE INDEX "billing_customers_payments" ON "billing_customers" USING btree ("user_id") WHERE payments_epoch < epoch;--> statement-breakpoint
-- A day that is rolled up is read from the ledger again until it is rolled up anew: for rows over an hour old, which only corrections
-- and imports write. The copy of a database brings its roll-ups along.
create function pollux_reopen_usage_day() returns trigger language plpgsql as $$ begin
  if to_regclass('pollux_copy.progress') is null then
    if tg_op <> 'DELETE' then
      insert into usage_days (day) values ((new.created_at at time zone 'utc')::date)
        on conflict (day) do update set rolled_at = null where usage_days.rolled_at is not null;
    end if;
    if tg_op <> 'INSERT' then
      insert into usage_days (day) values ((old.created_at at time zone 'utc')::date)
        on conflict (day) do update set rolled_at = null where usage_days.rolled_at is not null;
    end if;
  end if;
  return null;
end $$;
--> statement-breakpoint
create trigger usage_entries_added_late after insert on usage_entries
  for each row when (new.created_at < pollux_now() - interval '1 hour') execute function pollux_reopen_usage_day();
--> statement-breakpoint
-- Not of `user_id`: erasing an account changes no day that is rolled up.
create trigger usage_entries_changed_late after update of purpose, message_id, tier, model, prompt_tokens, cached_tokens,
    answer_tokens, thinking_tokens, cost_micros, first_text_ms, created_at on usage_entries
  for each row when (old.created_at < pollux_now() - interval '1 hour') execute function pollux_reopen_usage_day();
--> statement-breakpoint
create trigger usage_entries_deleted_late after delete on usage_entries
  for each row when (old.created_at < pollux_now() - interval '1 hour') execute function pollux_reopen_usage_day();
--> statement-breakpoint
create trigger reply_failures_added_late after insert on reply_failures
  for each row when (new.created_at < pollux_now() - interval '1 hour') execute function pollux_reopen_usage_day();
--> statement-breakpoint
create function pollux_note_failure() returns trigger language plpgsql as $$ begin
  insert into reply_failures (code, model, tier, refunded, created_at)
    values (new.code, new.model, (select tier from users where id = new.user_id),
      old.charged_on is not null and new.charged_on is null, pollux_now());
  return null;
end $$;
--> statement-breakpoint
create trigger replies_failed_now after update of status on replies
  for each row when (new.status = 'failed' and old.status <> 'failed') execute function pollux_note_failure();
--> statement-breakpoint
insert into reply_failures (code, model, tier, refunded, created_at)
  select r.code, r.model, u.tier, r.charged_on is null, r.finished_at
  from replies r left join users u on u.id = r.user_id where r.status = 'failed' and r.finished_at is not null;
--> statement-breakpoint
create function pollux_note_plan_change() returns trigger language plpgsql as $$ begin
  insert into plan_changes (from_tier, to_tier, created_at) values (old.tier, new.tier, pollux_now());
  return null;
end $$;
--> statement-breakpoint
create trigger users_tier_changed after update of tier on users
  for each row when (new.tier is distinct from old.tier) execute function pollux_note_plan_change();
