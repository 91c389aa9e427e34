CREATE TABLE "push_due" (
	"reply_id" bigint PRIMARY KEY NOT NULL,
	"user_id" bigint NOT NULL,
	"ended_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "push_keys" (
	"id" integer PRIMARY KEY NOT NULL,
	"public_key" text NOT NULL,
	"private_key" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "push_subscriptions" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "push_subscriptions_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"user_id" bigint NOT NULL,
	"session_id" uuid NOT NULL,
	"endpoint" text NOT NULL,
	"p256dh" text NOT NULL,
	"auth" text NOT NULL,
	"language" text NOT NULL,
	"paused_until" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "user_settings" ADD COLUMN "push_quiet" jsonb;--> statement-breakpoint
ALTER TABLE "push_due" ADD CONSTRAINT "push_due_reply_id_replies_message_id_fk" FOREIGN KEY ("reply_id") REFERENCES "public"."replies"("message_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "push_subscriptions" ADD CONSTRAINT "push_subscriptions_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "push_subscriptions" ADD CONSTRAINT "push_subscriptions_session_id_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."sessions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "push_subscriptions_endpoint" ON "push_subscriptions" USING btree ("endpoint");--> statement-breakpoint
CREATE UNIQUE INDEX "push_subscriptions_session" ON "push_subscriptions" USING btree ("session_id");--> statement-breakpoint
CREATE INDEX "push_subscriptions_user" ON "push_subscriptions" USING btree ("user_id","id");--> statement-breakpoint
CREATE FUNCTION pollux_reply_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM push_subscriptions WHERE user_id = new.user_id) THEN
    INSERT INTO push_due (reply_id, user_id) VALUES (new.message_id, new.user_id) ON CONFLICT DO NOTHING;
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER replies_ended AFTER UPDATE OF status ON replies
  FOR EACH ROW WHEN (old.status IN ('queued', 'generating') AND new.status IN ('complete', 'failed'))
  EXECUTE FUNCTION pollux_reply_ended();
--> statement-breakpoint
CREATE FUNCTION pollux_push_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM push_subscriptions WHERE session_id = new.id;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER sessions_push_ended AFTER UPDATE OF revoked_at ON sessions
  FOR EACH ROW WHEN (new.revoked_at IS NOT NULL)
  EXECUTE FUNCTION pollux_push_ended();
