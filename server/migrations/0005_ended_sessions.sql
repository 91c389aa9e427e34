CREATE TABLE "ended_sessions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"xid" bigint NOT NULL,
	"ended_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "event_tickets" ADD COLUMN "token_expires_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "ended_sessions_xid" ON "ended_sessions" USING btree ("xid");--> statement-breakpoint
CREATE INDEX "ended_sessions_age" ON "ended_sessions" USING btree ("ended_at");--> statement-breakpoint
CREATE FUNCTION pollux_session_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO ended_sessions (id, xid, ended_at)
  VALUES (old.id, pg_current_xact_id()::text::bigint, clock_timestamp())
  ON CONFLICT (id) DO UPDATE SET xid = excluded.xid, ended_at = excluded.ended_at;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER sessions_deleted AFTER DELETE ON sessions
  FOR EACH ROW EXECUTE FUNCTION pollux_session_ended();
--> statement-breakpoint
CREATE TRIGGER sessions_ended AFTER UPDATE OF revoked_at, expires_at ON sessions
  FOR EACH ROW WHEN (new.revoked_at IS NOT NULL OR new.expires_at <= clock_timestamp())
  EXECUTE FUNCTION pollux_session_ended();
