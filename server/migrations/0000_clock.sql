-- The one clock of every rule that depends on the time of day. Tests replace this function to move it.
create function pollux_now() returns timestamptz language sql stable as 'select now()';
--> statement-breakpoint
create function pollux_today() returns date language sql stable as $$ select (pollux_now() at time zone 'utc')::date $$;
