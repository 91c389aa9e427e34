CREATE TABLE "kept_usage" (
	"number_key" text NOT NULL,
	"day" date NOT NULL,
	"used" integer NOT NULL,
	"refunds" integer NOT NULL,
	CONSTRAINT "kept_usage_number_key_day_pk" PRIMARY KEY("number_key","day")
);
--> statement-breakpoint
CREATE TABLE "account_deletions" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "account_deletions_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"requested_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"user_id" bigint,
	"erased_at" timestamp (3) with time zone,
	"customer_id" text,
	CONSTRAINT "account_deletions_user_id_unique" UNIQUE("user_id")
);
--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "deleted_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "users_deleted" ON "users" USING btree ("deleted_at") WHERE deleted_at is not null;