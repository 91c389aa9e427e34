ALTER TABLE "replies" ADD COLUMN "reserve_micros" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
-- The start of the UTC calendar month.
create function pollux_month() returns timestamptz language sql stable as $$
  select date_trunc('month', pollux_now() at time zone 'utc') at time zone 'utc'
$$;
--> statement-breakpoint
-- What the calls of an account have cost this month, in micro-dollars. Volatile, like the next: called while the day's row of the
-- account is locked, it sees what was written a moment before.
create function pollux_spent(account bigint) returns bigint language plpgsql volatile as $$ begin
  return (select coalesce(sum(cost_micros), 0) from usage_entries where user_id = account and created_at >= pollux_month());
end $$;
--> statement-breakpoint
-- The most that the unfinished replies of an account may cost.
create function pollux_reserved(account bigint) returns bigint language plpgsql volatile as $$ begin
  return (select coalesce(sum(reserve_micros), 0) from replies where user_id = account and status = 'queued')
    + (select coalesce(sum(reserve_micros), 0) from replies where user_id = account and status = 'generating');
end $$;
