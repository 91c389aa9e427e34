CREATE TABLE "otp_wrong_guesses" (
	"number_key" text NOT NULL,
	"network_key" text NOT NULL,
	"wrong" integer DEFAULT 1 NOT NULL,
	"wrong_since" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "otp_wrong_guesses_number_key_network_key_pk" PRIMARY KEY("number_key","network_key")
);
--> statement-breakpoint
ALTER TABLE "otp_codes" ADD COLUMN "sms_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "otp_codes" ADD COLUMN "country" text;--> statement-breakpoint
ALTER TABLE "otp_codes" ADD COLUMN "prefix_key" text;--> statement-breakpoint
CREATE INDEX "otp_wrong_guesses_age" ON "otp_wrong_guesses" USING btree ("wrong_since");--> statement-breakpoint
CREATE INDEX "otp_codes_sms" ON "otp_codes" USING btree ("sms_at") WHERE sms_at is not null;--> statement-breakpoint
CREATE INDEX "users_unverified" ON "users" USING btree ("created_at") WHERE verified_at is null;