/** Fills every table that grows with use: 300,000 messages of 30,000 users. */
import type { Client } from 'pg';

const users = 30_000;
const messages = 300_000;

const statements = [
  // Foreign keys hold by construction; checking them would take most of the time.
  `set session_replication_role = replica`,
  `insert into users (mobile_number, tier, verified_at)
    select '+1555' || lpad(n::text, 7, '0'), case when n % 10 = 0 then 'Pro' else 'Basic' end, now()
    from generate_series(1, ${users}) n`,
  `insert into sessions (id, user_id, created_at, last_used_at, expires_at, revoked_at)
    select gen_random_uuid(), n, now() - interval '10 days', now(), now() + make_interval(secs => n),
      case when n % 20 = 0 then now() - make_interval(secs => n) end
    from generate_series(1, ${users}) n`,
  `insert into ended_sessions (id, xid, ended_at)
    select gen_random_uuid(), n, now() - make_interval(secs => (${users} - n) / 30.0) from generate_series(1, ${users}) n`,
  `insert into otp_codes (number_key, code_mac, expires_at, last_sent_at, sms_at, country, prefix_key)
    select 'key-' || n, 'mac', now(), now() - make_interval(secs => n / 2), now() - make_interval(secs => n / 2), 'US',
      'prefix-' || n % 100 from generate_series(1, ${users}) n`,
  `insert into otp_wrong_guesses (number_key, network_key, wrong_since)
    select 'key-' || n, 'network-' || n, now() - make_interval(secs => n / 20) from generate_series(1, ${users}) n`,
  `insert into chatrooms (user_id, name, created_at, updated_at)
    select n, 'Room ' || n, now() - make_interval(secs => n), now() - make_interval(secs => n)
    from generate_series(1, ${users}) n`,
  `insert into daily_usage (user_id, day, used)
    select 1 + n % (${users} / 2), current_date - n / (${users} / 2), 3 from generate_series(0, ${users} - 1) n`,
  `insert into messages (chatroom_id, user_id, parent_id, is_from_user, content)
    select 1 + n / 2 % ${users}, 1 + n / 2 % ${users}, case when n % 2 = 1 then n else nullif(greatest(n + 2 - 2 * ${users}, 0), 0) end,
      n % 2 = 0, case when n % 2 = 0 or n < ${messages} - 400 then 'Some words.' else '' end
    from generate_series(0, ${messages} - 1) n`,
  `insert into replies (message_id, question_id, chatroom_id, user_id, status, epoch, worker_id, deadline_at, charged_on,
      finished_at)
    select id, parent_id, chatroom_id, user_id,
      case when id < ${messages} - 400 then 'complete' when id % 4 = 2 then 'queued' else 'generating' end,
      1, gen_random_uuid(), now() + interval '5 minutes', current_date,
      case when id < ${messages} - 400 then now() - make_interval(secs => ${messages} - id) end
    from messages where not is_from_user order by id`,
  `insert into search_accounts (user_id, entries) select n, 10 from generate_series(1, ${users}) n`,
  `insert into search_entries (message_id, user_id, chatroom_id, block, terms)
    select id, user_id, chatroom_id, 0, '''some'':1 ''words'':2' from messages where id <= ${users}`,
  `insert into search_waiting (message_id, check_at)
    select id, now() + make_interval(secs => n) from (select id, row_number() over () as n from messages limit 10000) as m`,
  `insert into files (user_id, key, name, media_type, size, status, chatroom_id, created_at)
    select 1 + n % ${users}, 'key-' || n, 'a.png', 'image/png', 1000, 'ready', case when n % 3 > 0 then 1 + n % ${users} end,
      now() - make_interval(secs => n)
    from generate_series(1, 2 * ${users}) n`,
  `insert into file_texts (file_id, passage, page, text, terms)
    select 1 + n / 2, 1 + n % 2, 1, 'Some words.', '''some'':1 ''words'':2' from generate_series(0, 2 * ${users} - 1) n`,
  `insert into file_copies (file_id, vendor, uri, until)
    select n, 'vendor', 'uri', now() + make_interval(secs => n) from generate_series(1, ${users}) n`,
  `update messages set attachments = '[{"id": 500, "name": "a.png", "media_type": "image/png", "size": 1000}]'
    where is_from_user and id % 100 = 1`,
  `insert into push_subscriptions (user_id, session_id, endpoint, p256dh, auth, language)
    select user_id, id, 'https://push.example.net/' || id, 'p', 'a', 'en' from sessions`,
  `insert into push_due (reply_id, user_id) select message_id, user_id from replies order by message_id limit 1000`,
  `insert into memories (user_id, content) select 1 + n % ${users}, 'I am a vegetarian.' from generate_series(1, 2 * ${users}) n`,
  `insert into user_settings (user_id, instructions) select n, 'Answer briefly.' from generate_series(1, ${users}) n`,
  `update chatrooms c set head_id = newest.id
    from (select chatroom_id, max(id) as id from messages group by chatroom_id) as newest where newest.chatroom_id = c.id`,
  `insert into idempotency_keys (user_id, key, fingerprint, message_id, reply_id, created_at)
    select n, 'key-' || n, 'fingerprint', n, n, now() - make_interval(secs => n / 2) from generate_series(1, ${users}) n`,
  `insert into shares (chatroom_id, handle, name, messages)
    select n, 'handle-' || n, 'Room', '[]' from generate_series(1, ${users}) n`,
  `insert into event_tickets (hash, user_id, session_id, expires_at)
    select 'hash-' || n, n, gen_random_uuid(), now() + make_interval(secs => n) from generate_series(1, ${users}) n`,
  `insert into billing_customers (user_id, customer_id, status, recheck_at)
    select n, 'cus_' || n, 'active', now() + make_interval(secs => n) from generate_series(1, ${users}) n`,
  `insert into billing_events (event_id, type, customer_id, state, received_at)
    select 'evt_' || n, 'invoice.paid', 'cus_' || n, 'applied', now() - make_interval(secs => n)
    from generate_series(1, ${users}) n`,
  `insert into account_deletions (user_id, requested_at, erased_at)
    select case when n > ${users} - 100 then n end, now() - make_interval(secs => ${users} - n),
      case when n <= ${users} - 100 then now() - make_interval(secs => ${users} - n) end
    from generate_series(1, ${users}) n`,
  `insert into workers (id) select gen_random_uuid() from generate_series(1, 5)`,
  `set session_replication_role = origin`,
  `vacuum analyze`,
];

export async function fillTables(client: Client): Promise<void> {
  for (const statement of statements) await client.query(statement);
}
