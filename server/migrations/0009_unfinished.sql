-- What an account has open and has used today. Volatile, so each call looks anew: called while the day's row of the
-- account is locked, it sees what whoever held that row before has committed, which the statement's own snapshot may not.
create function pollux_unfinished(account bigint) returns int language plpgsql volatile as $$ begin
  return (select count(*) from messages where user_id = account and status = 'queued')
    + (select count(*) from messages where user_id = account and status = 'generating');
end $$;
--> statement-breakpoint
create function pollux_used_today(account bigint) returns int language plpgsql volatile as $$ begin
  return coalesce((select used from daily_usage where user_id = account and day = pollux_today()), 0);
end $$;
