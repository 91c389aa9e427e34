-- Made by test/upgrade/fill.ts; see there.
CREATE SCHEMA drizzle;

CREATE FUNCTION public.pollux_now() RETURNS timestamp with time zone
    LANGUAGE sql STABLE
    AS $$select now()$$;

CREATE FUNCTION public.pollux_today() RETURNS date
    LANGUAGE sql STABLE
    AS $$ select (pollux_now() at time zone 'utc')::date $$;

CREATE TABLE drizzle.__drizzle_migrations (
    id integer NOT NULL,
    hash text NOT NULL,
    created_at bigint
);

CREATE SEQUENCE drizzle.__drizzle_migrations_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE drizzle.__drizzle_migrations_id_seq OWNED BY drizzle.__drizzle_migrations.id;

CREATE TABLE public.billing_customers (
    user_id bigint NOT NULL,
    customer_id text NOT NULL,
    status text DEFAULT 'none'::text NOT NULL,
    subscription_id text,
    current_period_end timestamp(3) with time zone,
    cancel_at_period_end boolean DEFAULT false NOT NULL,
    requested integer DEFAULT 0 NOT NULL,
    done integer DEFAULT 0 NOT NULL,
    epoch integer DEFAULT 0 NOT NULL,
    lease_until timestamp(3) with time zone,
    failures integer DEFAULT 0 NOT NULL,
    recheck_at timestamp(3) with time zone DEFAULT now() NOT NULL,
    checkout_round integer DEFAULT 0 NOT NULL,
    checkout_id text,
    created_at timestamp(3) with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.billing_events (
    id bigint NOT NULL,
    event_id text NOT NULL,
    type text NOT NULL,
    customer_id text,
    object_type text,
    object_id text,
    state text DEFAULT 'received'::text NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    next_attempt_at timestamp(3) with time zone DEFAULT now() NOT NULL,
    received_at timestamp(3) with time zone DEFAULT now() NOT NULL
);

ALTER TABLE public.billing_events ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.billing_events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.chatrooms (
    id bigint NOT NULL,
    user_id bigint NOT NULL,
    name text NOT NULL,
    created_at timestamp(3) with time zone DEFAULT now() NOT NULL,
    updated_at timestamp(3) with time zone DEFAULT now() NOT NULL
);

ALTER TABLE public.chatrooms ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.chatrooms_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.daily_usage (
    user_id bigint NOT NULL,
    day date NOT NULL,
    used integer NOT NULL
);

CREATE TABLE public.event_tickets (
    hash text NOT NULL,
    user_id bigint NOT NULL,
    session_id uuid NOT NULL,
    expires_at timestamp(3) with time zone NOT NULL
);

CREATE TABLE public.idempotency_keys (
    user_id bigint NOT NULL,
    key text NOT NULL,
    fingerprint text NOT NULL,
    message_id bigint NOT NULL,
    reply_id bigint NOT NULL,
    created_at timestamp(3) with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.messages (
    id bigint NOT NULL,
    chatroom_id bigint NOT NULL,
    user_id bigint NOT NULL,
    is_from_user boolean NOT NULL,
    content text DEFAULT ''::text NOT NULL,
    status text NOT NULL,
    created_at timestamp(3) with time zone DEFAULT now() NOT NULL,
    in_reply_to bigint,
    code text,
    truncated boolean DEFAULT false NOT NULL,
    epoch integer DEFAULT 0 NOT NULL,
    worker_id uuid,
    next_attempt_at timestamp(3) with time zone,
    deadline_at timestamp(3) with time zone,
    charged_on date,
    cancel_requested boolean DEFAULT false NOT NULL,
    finished_at timestamp(3) with time zone,
    trace text
);

ALTER TABLE public.messages ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.messages_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.model_pauses (
    model text NOT NULL,
    until timestamp(3) with time zone NOT NULL
);

CREATE TABLE public.otp_codes (
    number_key text NOT NULL,
    code_mac text NOT NULL,
    expires_at timestamp(3) with time zone NOT NULL,
    guesses integer DEFAULT 0 NOT NULL,
    used_at timestamp(3) with time zone,
    sends integer DEFAULT 1 NOT NULL,
    last_sent_at timestamp(3) with time zone DEFAULT now() NOT NULL,
    wrong integer DEFAULT 0 NOT NULL,
    wrong_since timestamp(3) with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.sessions (
    id uuid NOT NULL,
    user_id bigint NOT NULL,
    user_agent text,
    created_at timestamp(3) with time zone DEFAULT now() NOT NULL,
    last_used_at timestamp(3) with time zone DEFAULT now() NOT NULL,
    expires_at timestamp(3) with time zone NOT NULL,
    generation integer DEFAULT 0 NOT NULL,
    rotated_at timestamp(3) with time zone DEFAULT now() NOT NULL,
    revoked_at timestamp(3) with time zone
);

CREATE TABLE public.users (
    id bigint NOT NULL,
    mobile_number text NOT NULL,
    tier text DEFAULT 'Basic'::text NOT NULL,
    role text DEFAULT 'user'::text NOT NULL,
    created_at timestamp(3) with time zone DEFAULT now() NOT NULL,
    verified_at timestamp(3) with time zone,
    granted_tier text
);

ALTER TABLE public.users ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.users_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.workers (
    id uuid NOT NULL,
    seen_at timestamp(3) with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY drizzle.__drizzle_migrations ALTER COLUMN id SET DEFAULT nextval('drizzle.__drizzle_migrations_id_seq'::regclass);

INSERT INTO drizzle.__drizzle_migrations VALUES (1, 'c5f2c79375c23bb3b8641184afdb16285dec9a3bc92f976adef5cce122e7893f', 1795403599968);
INSERT INTO drizzle.__drizzle_migrations VALUES (2, 'f74b74b98e08e893c8ebb17e58c44cb7690a4c394bf368576f69f6bdaadd14fa', 1795403601565);
INSERT INTO drizzle.__drizzle_migrations VALUES (3, 'd3e08576aa43923e57b13df35a8d864b8b9958d77607449b6911374e1ef2ec0f', 1795405845019);
INSERT INTO drizzle.__drizzle_migrations VALUES (4, '5e6f2adc78e189924cb3498ea90d2858d138f9f0e68e0a6099b1a3b9c68d5ff8', 1795406712603);

INSERT INTO public.chatrooms OVERRIDING SYSTEM VALUE VALUES (1, 1, 'Trees', '2026-11-27 01:51:16.964+00', '2026-11-27 01:51:18.081+00');
INSERT INTO public.chatrooms OVERRIDING SYSTEM VALUE VALUES (2, 1, 'Failures', '2026-11-27 01:51:18.188+00', '2026-11-27 01:51:19.546+00');
INSERT INTO public.chatrooms OVERRIDING SYSTEM VALUE VALUES (3, 1, 'Stopped', '2026-11-27 01:51:19.626+00', '2026-11-27 01:51:20.716+00');
INSERT INTO public.chatrooms OVERRIDING SYSTEM VALUE VALUES (4, 1, 'At once', '2026-11-27 01:51:20.791+00', '2026-11-27 01:51:20.986+00');
INSERT INTO public.chatrooms OVERRIDING SYSTEM VALUE VALUES (5, 2, 'Six a day', '2026-11-27 01:51:21.079+00', '2026-11-27 01:51:21.453+00');
INSERT INTO public.chatrooms OVERRIDING SYSTEM VALUE VALUES (6, 1, 'Nothing said yet', '2026-11-27 01:51:21.54+00', '2026-11-27 01:51:21.54+00');
INSERT INTO public.chatrooms OVERRIDING SYSTEM VALUE VALUES (9, 1, 'Being written', '2026-11-27 01:51:21.751+00', '2026-11-27 01:51:21.894+00');
INSERT INTO public.chatrooms OVERRIDING SYSTEM VALUE VALUES (10, 2, 'Tried again', '2026-11-27 01:51:21.924+00', '2026-11-27 01:51:21.973+00');
INSERT INTO public.chatrooms OVERRIDING SYSTEM VALUE VALUES (8, 1, 'Asked for twice more', '2026-11-27 01:51:21.668+00', '2026-11-27 01:51:22.207+00');

INSERT INTO public.daily_usage VALUES (2, '2026-11-27', 5);
INSERT INTO public.daily_usage VALUES (1, '2026-11-27', 26);

INSERT INTO public.idempotency_keys VALUES (1, 'a-key-of-the-stored-database', 'v4tBm1jCkMNl3IOmm4WhRWvebblkmdHdNOHN3yBtIOc', 14, 15, '2026-11-27 01:51:18.081+00');

INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (1, 1, 1, true, 'What is an oak?', 'complete', '2026-11-27 01:51:17.018+00', NULL, NULL, false, 0, NULL, NULL, NULL, NULL, false, NULL, NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (2, 1, 1, false, 'Answer to "What is an oak?": [1] and a second thought is added to it, [2] with a reason that one can check, [3] an example that makes it plain, [4] and a word on where it does not hold, [5] the answer goes on a little further, [6] and a second thought is added to it, [7] with a reason that one can check,', 'complete', '2026-11-27 01:51:17.018+00', 1, NULL, false, 1, '2fef958d-2691-4c98-a8bb-da468812533b', '2026-11-27 01:51:17.018+00', '2026-11-27 01:56:17.187+00', '2026-11-27', false, '2026-11-27 01:51:17.29+00', NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (3, 1, 1, true, 'What is an ash?', 'complete', '2026-11-27 01:51:17.31+00', NULL, NULL, false, 0, NULL, NULL, NULL, NULL, false, NULL, NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (4, 1, 1, false, 'Answer to "What is an ash?": [1] and a second thought is added to it, [2] with a reason that one can check, [3] an example that makes it plain, [4] and a word on where it does not hold, [5] the answer goes on a little further, [6] and a second thought is added to it, [7] with a reason that one can check,', 'complete', '2026-11-27 01:51:17.31+00', 3, NULL, false, 1, '2fef958d-2691-4c98-a8bb-da468812533b', '2026-11-27 01:51:17.31+00', '2026-11-27 01:56:17.343+00', '2026-11-27', false, '2026-11-27 01:51:17.383+00', NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (5, 1, 1, true, 'What is an elm?', 'complete', '2026-11-27 01:51:17.413+00', NULL, NULL, false, 0, NULL, NULL, NULL, NULL, false, NULL, NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (6, 1, 1, false, 'Answer to "What is an elm?": [1] and a second thought is added to it, [2] with a reason that one can check, [3] an example that makes it plain, [4] and a word on where it does not hold, [5] the answer goes on a little further, [6] and a second thought is added to it, [7] with a reason that one can check,', 'complete', '2026-11-27 01:51:17.413+00', 5, NULL, false, 1, '2fef958d-2691-4c98-a8bb-da468812533b', '2026-11-27 01:51:17.413+00', '2026-11-27 01:56:17.451+00', '2026-11-27', false, '2026-11-27 01:51:17.488+00', NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (7, 1, 1, true, 'What is an ilex?', 'complete', '2026-11-27 01:51:17.535+00', NULL, NULL, false, 0, NULL, NULL, NULL, NULL, false, NULL, NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (8, 1, 1, false, 'Answer to "What is an ilex?": [1] and a second thought is added to it, [2] with a reason that one can check, [3] an example that makes it plain, [4] and a word on where it does not hold, [5] the answer goes on a little further, [6] and a second thought is added to it, [7] with a reason that one can check,', 'complete', '2026-11-27 01:51:17.535+00', 7, NULL, false, 1, '2fef958d-2691-4c98-a8bb-da468812533b', '2026-11-27 01:51:17.535+00', '2026-11-27 01:56:17.569+00', '2026-11-27', false, '2026-11-27 01:51:17.633+00', NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (9, 1, 1, false, 'Answer to "What is an ilex?": [1] and a second thought is added to it, [2] with a reason that one can check, [3] an example that makes it plain, [4] and a word on where it does not hold, [5] the answer goes on a little further, [6] and a second thought is added to it, [7] with a reason that one can check,', 'complete', '2026-11-27 01:51:17.672+00', 7, NULL, false, 1, '2fef958d-2691-4c98-a8bb-da468812533b', '2026-11-27 01:51:17.672+00', '2026-11-27 01:56:17.714+00', '2026-11-27', false, '2026-11-27 01:51:17.769+00', NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (10, 1, 1, false, 'Answer to "What is an ilex?": [1] and a second thought is added to it, [2] with a reason that one can check, [3] an example that makes it plain, [4] and a word on where it does not hold, [5] the answer goes on a little further, [6] and a second thought is added to it, [7] with a reason that one can check,', 'complete', '2026-11-27 01:51:17.809+00', 7, NULL, false, 1, '2fef958d-2691-4c98-a8bb-da468812533b', '2026-11-27 01:51:17.809+00', '2026-11-27 01:56:17.833+00', '2026-11-27', false, '2026-11-27 01:51:17.852+00', NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (11, 1, 1, false, 'Answer to "What is an ash?": [1] and a second thought is added to it, [2] with a reason that one can check, [3] an example that makes it plain, [4] and a word on where it does not hold, [5] the answer goes on a little further, [6] and a second thought is added to it, [7] with a reason that one can check,', 'complete', '2026-11-27 01:51:17.874+00', 3, NULL, false, 1, '2fef958d-2691-4c98-a8bb-da468812533b', '2026-11-27 01:51:17.874+00', '2026-11-27 01:56:17.903+00', '2026-11-27', false, '2026-11-27 01:51:17.951+00', NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (12, 1, 1, true, 'And a yew? [[finish:MAX_TOKENS]]', 'complete', '2026-11-27 01:51:17.98+00', NULL, NULL, false, 0, NULL, NULL, NULL, NULL, false, NULL, NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (13, 1, 1, false, 'Answer to "And a yew?": [1] and a second thought is added to it, [2] with a reason that one can check, [3] an example that makes it plain, [4] and a word on where it does not hold, [5] the answer goes on a little further, [6] and a second thought is added to it, [7] with a reason that one can check,', 'complete', '2026-11-27 01:51:17.98+00', 12, NULL, true, 1, '2fef958d-2691-4c98-a8bb-da468812533b', '2026-11-27 01:51:17.98+00', '2026-11-27 01:56:18+00', '2026-11-27', false, '2026-11-27 01:51:18.029+00', NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (14, 1, 1, true, 'And a bay?', 'complete', '2026-11-27 01:51:18.081+00', NULL, NULL, false, 0, NULL, NULL, NULL, NULL, false, NULL, NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (15, 1, 1, false, 'Answer to "And a bay?": [1] and a second thought is added to it, [2] with a reason that one can check, [3] an example that makes it plain, [4] and a word on where it does not hold, [5] the answer goes on a little further, [6] and a second thought is added to it, [7] with a reason that one can check,', 'complete', '2026-11-27 01:51:18.081+00', 14, NULL, false, 1, '2fef958d-2691-4c98-a8bb-da468812533b', '2026-11-27 01:51:18.081+00', '2026-11-27 01:56:18.114+00', '2026-11-27', false, '2026-11-27 01:51:18.155+00', NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (16, 2, 1, true, 'Does this work? [[block]]', 'complete', '2026-11-27 01:51:18.195+00', NULL, NULL, false, 0, NULL, NULL, NULL, NULL, false, NULL, NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (17, 2, 1, false, 'Gemini declined to answer this for safety reasons. This message was not counted. Please put it differently.', 'failed', '2026-11-27 01:51:18.195+00', 16, 'safety_blocked', false, 1, '2fef958d-2691-4c98-a8bb-da468812533b', '2026-11-27 01:51:18.195+00', '2026-11-27 01:56:18.21+00', '2026-11-27', false, '2026-11-27 01:51:18.253+00', NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (18, 2, 1, true, 'Does this work? ', 'complete', '2026-11-27 01:51:18.306+00', NULL, NULL, false, 0, NULL, NULL, NULL, NULL, false, NULL, NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (19, 2, 1, false, 'Answer to "Does this work?": [1] and a second thought is added to it, [2] with a reason that one can check, [3] an example that makes it plain, [4] and a word on where it does not hold, [5] the answer goes on a little further, [6] and a second thought is added to it, [7] with a reason that one can check,', 'complete', '2026-11-27 01:51:18.306+00', 18, NULL, false, 1, '2fef958d-2691-4c98-a8bb-da468812533b', '2026-11-27 01:51:18.306+00', '2026-11-27 01:56:18.321+00', '2026-11-27', false, '2026-11-27 01:51:18.371+00', NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (20, 2, 1, true, 'Does this work? [[badkey]]', 'complete', '2026-11-27 01:51:18.42+00', NULL, NULL, false, 0, NULL, NULL, NULL, NULL, false, NULL, NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (21, 2, 1, false, 'This service is not set up correctly to reach Gemini, and its operator has to mend that. This message was not counted.', 'failed', '2026-11-27 01:51:18.42+00', 20, 'model_misconfigured', false, 1, '2fef958d-2691-4c98-a8bb-da468812533b', '2026-11-27 01:51:18.42+00', '2026-11-27 01:56:18.434+00', '2026-11-27', false, '2026-11-27 01:51:18.484+00', NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (22, 2, 1, true, 'Does this work? at the second try [[fail:503x1]]', 'complete', '2026-11-27 01:51:18.532+00', NULL, NULL, false, 0, NULL, NULL, NULL, NULL, false, NULL, NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (23, 2, 1, false, 'Answer to "Does this work? at the second try": [1] and a second thought is added to it, [2] with a reason that one can check, [3] an example that makes it plain, [4] and a word on where it does not hold, [5] the answer goes on a little further, [6] and a second thought is added to it, [7] with a reason that one can check,', 'complete', '2026-11-27 01:51:18.532+00', 22, NULL, false, 2, '2fef958d-2691-4c98-a8bb-da468812533b', '2026-11-27 01:51:18.894+00', '2026-11-27 01:56:18.553+00', '2026-11-27', false, '2026-11-27 01:51:19.532+00', NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (24, 2, 1, true, 'Does this work? [[fail:400]]', 'complete', '2026-11-27 01:51:19.546+00', NULL, NULL, false, 0, NULL, NULL, NULL, NULL, false, NULL, NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (25, 2, 1, false, 'Gemini did not accept this message. This message was not counted. Please put it differently.', 'failed', '2026-11-27 01:51:19.546+00', 24, 'request_refused', false, 1, '2fef958d-2691-4c98-a8bb-da468812533b', '2026-11-27 01:51:19.546+00', '2026-11-27 01:56:19.556+00', '2026-11-27', false, '2026-11-27 01:51:19.584+00', NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (26, 3, 1, true, 'Tell me all. [[drip:100]]', 'complete', '2026-11-27 01:51:19.641+00', NULL, NULL, false, 0, NULL, NULL, NULL, NULL, false, NULL, NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (28, 3, 1, true, 'Or less.', 'complete', '2026-11-27 01:51:19.659+00', NULL, NULL, false, 0, NULL, NULL, NULL, NULL, false, NULL, NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (32, 4, 1, true, 'Number two?', 'complete', '2026-11-27 01:51:20.807+00', NULL, NULL, false, 0, NULL, NULL, NULL, NULL, false, NULL, NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (29, 3, 1, false, '', 'cancelled', '2026-11-27 01:51:19.659+00', 28, NULL, false, 0, NULL, '2026-11-27 01:51:19.659+00', NULL, '2026-11-27', true, NULL, NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (38, 4, 1, true, 'Number four?', 'complete', '2026-11-27 01:51:20.819+00', NULL, NULL, false, 0, NULL, NULL, NULL, NULL, false, NULL, NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (27, 3, 1, false, 'Answer to "Tell me all.": [1] and a second thought is added to it, [2] with a reason that one can check, [3] an example that makes it plain, [4] and a word on where it does not hold, [5] the answer goes on a little further, [6] and a second thought is added to it, [7] with a reason that one can check, [8] an example that makes it plain, [9] and a word on where it does not hold,', 'cancelled', '2026-11-27 01:51:19.641+00', 26, NULL, false, 1, '2fef958d-2691-4c98-a8bb-da468812533b', '2026-11-27 01:51:19.641+00', '2026-11-27 01:56:19.659+00', '2026-11-27', true, '2026-11-27 01:51:20.694+00', NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (30, 3, 1, true, 'Then tell me nothing.', 'complete', '2026-11-27 01:51:20.716+00', NULL, NULL, false, 0, NULL, NULL, NULL, NULL, false, NULL, NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (31, 3, 1, false, 'Answer to "Then tell me nothing.": [1] and a second thought is added to it, [2] with a reason that one can check, [3] an example that makes it plain, [4] and a word on where it does not hold, [5] the answer goes on a little further, [6] and a second thought is added to it, [7] with a reason that one can check,', 'complete', '2026-11-27 01:51:20.716+00', 30, NULL, false, 1, '2fef958d-2691-4c98-a8bb-da468812533b', '2026-11-27 01:51:20.716+00', '2026-11-27 01:56:20.728+00', '2026-11-27', false, '2026-11-27 01:51:20.755+00', NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (34, 4, 1, true, 'Number one?', 'complete', '2026-11-27 01:51:20.809+00', NULL, NULL, false, 0, NULL, NULL, NULL, NULL, false, NULL, NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (36, 4, 1, true, 'Number three?', 'complete', '2026-11-27 01:51:20.818+00', NULL, NULL, false, 0, NULL, NULL, NULL, NULL, false, NULL, NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (35, 4, 1, false, 'Answer to "Number one?": [1] and a second thought is added to it, [2] with a reason that one can check, [3] an example that makes it plain, [4] and a word on where it does not hold, [5] the answer goes on a little further, [6] and a second thought is added to it, [7] with a reason that one can check,', 'complete', '2026-11-27 01:51:20.809+00', 34, NULL, false, 1, '2fef958d-2691-4c98-a8bb-da468812533b', '2026-11-27 01:51:20.809+00', '2026-11-27 01:56:20.867+00', '2026-11-27', false, '2026-11-27 01:51:20.883+00', NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (37, 4, 1, false, 'Answer to "Number three?": [1] and a second thought is added to it, [2] with a reason that one can check, [3] an example that makes it plain, [4] and a word on where it does not hold, [5] the answer goes on a little further, [6] and a second thought is added to it, [7] with a reason that one can check,', 'complete', '2026-11-27 01:51:20.818+00', 36, NULL, false, 1, '2fef958d-2691-4c98-a8bb-da468812533b', '2026-11-27 01:51:20.818+00', '2026-11-27 01:56:20.888+00', '2026-11-27', false, '2026-11-27 01:51:20.905+00', NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (33, 4, 1, false, 'Answer to "Number two?": [1] and a second thought is added to it, [2] with a reason that one can check, [3] an example that makes it plain, [4] and a word on where it does not hold, [5] the answer goes on a little further, [6] and a second thought is added to it, [7] with a reason that one can check,', 'complete', '2026-11-27 01:51:20.807+00', 32, NULL, false, 1, '2fef958d-2691-4c98-a8bb-da468812533b', '2026-11-27 01:51:20.807+00', '2026-11-27 01:56:20.836+00', '2026-11-27', false, '2026-11-27 01:51:20.856+00', NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (42, 5, 2, true, 'Only one?', 'complete', '2026-11-27 01:51:21.102+00', NULL, NULL, false, 0, NULL, NULL, NULL, NULL, false, NULL, NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (43, 5, 2, false, 'Answer to "Only one?": [1] and a second thought is added to it, [2] with a reason that one can check, [3] an example that makes it plain, [4] and a word on where it does not hold, [5] the answer goes on a little further, [6] and a second thought is added to it, [7] with a reason that one can check,', 'complete', '2026-11-27 01:51:21.102+00', 42, NULL, false, 1, '2fef958d-2691-4c98-a8bb-da468812533b', '2026-11-27 01:51:21.102+00', '2026-11-27 01:56:21.116+00', '2026-11-27', false, '2026-11-27 01:51:21.137+00', NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (44, 5, 2, true, 'Only two [[block]]?', 'complete', '2026-11-27 01:51:21.19+00', NULL, NULL, false, 0, NULL, NULL, NULL, NULL, false, NULL, NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (45, 5, 2, false, 'Gemini declined to answer this for safety reasons. This message was not counted. Please put it differently.', 'failed', '2026-11-27 01:51:21.19+00', 44, 'safety_blocked', false, 1, '2fef958d-2691-4c98-a8bb-da468812533b', '2026-11-27 01:51:21.19+00', '2026-11-27 01:56:21.204+00', '2026-11-27', false, '2026-11-27 01:51:21.235+00', NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (46, 5, 2, true, 'Only three?', 'complete', '2026-11-27 01:51:21.283+00', NULL, NULL, false, 0, NULL, NULL, NULL, NULL, false, NULL, NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (47, 5, 2, false, 'Answer to "Only three?": [1] and a second thought is added to it, [2] with a reason that one can check, [3] an example that makes it plain, [4] and a word on where it does not hold, [5] the answer goes on a little further, [6] and a second thought is added to it, [7] with a reason that one can check,', 'complete', '2026-11-27 01:51:21.283+00', 46, NULL, false, 1, '2fef958d-2691-4c98-a8bb-da468812533b', '2026-11-27 01:51:21.283+00', '2026-11-27 01:56:21.306+00', '2026-11-27', false, '2026-11-27 01:51:21.327+00', NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (48, 5, 2, true, 'Only four?', 'complete', '2026-11-27 01:51:21.373+00', NULL, NULL, false, 0, NULL, NULL, NULL, NULL, false, NULL, NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (49, 5, 2, false, 'Answer to "Only four?": [1] and a second thought is added to it, [2] with a reason that one can check, [3] an example that makes it plain, [4] and a word on where it does not hold, [5] the answer goes on a little further, [6] and a second thought is added to it, [7] with a reason that one can check,', 'complete', '2026-11-27 01:51:21.373+00', 48, NULL, false, 1, '2fef958d-2691-4c98-a8bb-da468812533b', '2026-11-27 01:51:21.373+00', '2026-11-27 01:56:21.387+00', '2026-11-27', false, '2026-11-27 01:51:21.409+00', NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (50, 5, 2, true, 'Only five?', 'complete', '2026-11-27 01:51:21.453+00', NULL, NULL, false, 0, NULL, NULL, NULL, NULL, false, NULL, NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (51, 5, 2, false, 'Answer to "Only five?": [1] and a second thought is added to it, [2] with a reason that one can check, [3] an example that makes it plain, [4] and a word on where it does not hold, [5] the answer goes on a little further, [6] and a second thought is added to it, [7] with a reason that one can check,', 'complete', '2026-11-27 01:51:21.453+00', 50, NULL, false, 1, '2fef958d-2691-4c98-a8bb-da468812533b', '2026-11-27 01:51:21.453+00', '2026-11-27 01:56:21.473+00', '2026-11-27', false, '2026-11-27 01:51:21.491+00', NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (58, 9, 1, true, 'Tell me everything. [[drip:200]]', 'complete', '2026-11-27 01:51:21.877+00', NULL, NULL, false, 0, NULL, NULL, NULL, NULL, false, NULL, NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (60, 9, 1, true, 'And then?', 'complete', '2026-11-27 01:51:21.894+00', NULL, NULL, false, 0, NULL, NULL, NULL, NULL, false, NULL, NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (61, 9, 1, false, '', 'queued', '2026-11-27 01:51:21.894+00', 60, NULL, false, 0, NULL, '2026-11-27 01:51:21.894+00', NULL, '2026-11-27', false, NULL, NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (59, 9, 1, false, 'Answer to "Tell me everything.": [1] and a second thought is added to it,', 'generating', '2026-11-27 01:51:21.877+00', 58, NULL, false, 1, '2fef958d-2691-4c98-a8bb-da468812533b', '2026-11-27 01:51:21.877+00', '2026-11-27 01:56:21.907+00', '2026-11-27', false, NULL, NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (65, 8, 1, false, '', 'queued', '2026-11-27 01:51:22.207+00', 54, NULL, false, 0, NULL, '2026-11-27 01:51:22.207+00', NULL, '2026-11-27', false, NULL, NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (39, 4, 1, false, 'Answer to "Number four?": [1] and a second thought is added to it, [2] with a reason that one can check, [3] an example that makes it plain, [4] and a word on where it does not hold, [5] the answer goes on a little further, [6] and a second thought is added to it, [7] with a reason that one can check,', 'complete', '2026-11-27 01:51:20.819+00', 38, NULL, false, 1, '2fef958d-2691-4c98-a8bb-da468812533b', '2026-11-27 01:51:20.819+00', '2026-11-27 01:56:20.913+00', '2026-11-27', false, '2026-11-27 01:51:20.945+00', NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (40, 4, 1, true, 'Number five?', 'complete', '2026-11-27 01:51:20.986+00', NULL, NULL, false, 0, NULL, NULL, NULL, NULL, false, NULL, NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (41, 4, 1, false, 'Answer to "Number five?": [1] and a second thought is added to it, [2] with a reason that one can check, [3] an example that makes it plain, [4] and a word on where it does not hold, [5] the answer goes on a little further, [6] and a second thought is added to it, [7] with a reason that one can check,', 'complete', '2026-11-27 01:51:20.986+00', 40, NULL, false, 1, '2fef958d-2691-4c98-a8bb-da468812533b', '2026-11-27 01:51:20.986+00', '2026-11-27 01:56:21.014+00', '2026-11-27', false, '2026-11-27 01:51:21.038+00', NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (54, 8, 1, true, 'Why? [[first:3]]', 'complete', '2026-11-27 01:51:21.675+00', NULL, NULL, false, 0, NULL, NULL, NULL, NULL, false, NULL, NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (55, 8, 1, false, 'Answer to "Why?": [1] and a second thought is added to it, [2] with a reason that one can check, [3] an example that makes it plain, [4] and a word on where it does not hold, [5] the answer goes on a little further, [6] and a second thought is added to it, [7] with a reason that one can check,', 'complete', '2026-11-27 01:51:21.675+00', 54, NULL, false, 1, '2fef958d-2691-4c98-a8bb-da468812533b', '2026-11-27 01:51:21.675+00', '2026-11-27 01:56:21.686+00', '2026-11-27', false, '2026-11-27 01:51:21.702+00', NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (56, 9, 1, true, 'Are you there?', 'complete', '2026-11-27 01:51:21.763+00', NULL, NULL, false, 0, NULL, NULL, NULL, NULL, false, NULL, NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (57, 9, 1, false, 'Answer to "Are you there?": [1] and a second thought is added to it, [2] with a reason that one can check, [3] an example that makes it plain, [4] and a word on where it does not hold, [5] the answer goes on a little further, [6] and a second thought is added to it, [7] with a reason that one can check,', 'complete', '2026-11-27 01:51:21.763+00', 56, NULL, false, 1, '2fef958d-2691-4c98-a8bb-da468812533b', '2026-11-27 01:51:21.763+00', '2026-11-27 01:56:21.791+00', '2026-11-27', false, '2026-11-27 01:51:21.861+00', NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (62, 10, 2, true, 'Is anybody there? [[fail:503:40]]', 'complete', '2026-11-27 01:51:21.973+00', NULL, NULL, false, 0, NULL, NULL, NULL, NULL, false, NULL, NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (63, 10, 2, false, '', 'queued', '2026-11-27 01:51:21.973+00', 62, NULL, false, 1, NULL, '2026-11-27 01:52:02.026+00', '2026-11-27 01:56:21.996+00', '2026-11-27', false, NULL, NULL);
INSERT INTO public.messages OVERRIDING SYSTEM VALUE VALUES (64, 8, 1, false, '', 'queued', '2026-11-27 01:51:22.185+00', 54, NULL, false, 0, NULL, '2026-11-27 01:51:22.185+00', NULL, '2026-11-27', false, NULL, NULL);

INSERT INTO public.model_pauses VALUES ('gemini-2.5-flash', '2026-11-27 01:52:02.021+00');

INSERT INTO public.otp_codes VALUES ('oyvOT4VaOXc28tEH0JeM4VLCcNTBWOcm7D67_y_mESI', 'cR_JE82HHUH-7SSCpZnlN3JKJqluX38xiXzKokh30Go', '2026-11-27 01:56:16.543+00', 1, '2026-11-27 01:51:16.609+00', 0, '2026-11-27 01:51:16.543+00', 0, '2026-11-27 01:51:16.543+00');
INSERT INTO public.otp_codes VALUES ('zcgqrzaodefQpVENgqCzXNo1S4qHv__BUCQB__nS_tI', 'JYgq6vn6MqNafKEMGQAh-GgU6yuiC1BoUdxcrohS0AE', '2026-11-27 01:56:16.74+00', 1, '2026-11-27 01:51:16.8+00', 0, '2026-11-27 01:51:16.74+00', 0, '2026-11-27 01:51:16.74+00');

INSERT INTO public.sessions VALUES ('4c8e48e3-965e-4d41-82e3-fe3bc822c200', 1, 'node', '2026-11-27 01:51:16.62+00', '2026-11-27 01:51:16.62+00', '2027-01-26 01:51:16.62+00', 0, '2026-11-27 01:51:16.62+00', NULL);
INSERT INTO public.sessions VALUES ('725b96c1-95fb-4195-95c2-1c73a74221e4', 2, 'node', '2026-11-27 01:51:16.81+00', '2026-11-27 01:51:16.81+00', '2027-01-26 01:51:16.81+00', 0, '2026-11-27 01:51:16.81+00', NULL);

INSERT INTO public.users OVERRIDING SYSTEM VALUE VALUES (1, '+12025550101', 'Pro', 'user', '2026-11-27 01:51:16.315+00', '2026-11-27 01:51:16.62+00', 'Pro');
INSERT INTO public.users OVERRIDING SYSTEM VALUE VALUES (2, '+12025550102', 'Basic', 'user', '2026-11-27 01:51:16.691+00', '2026-11-27 01:51:16.81+00', NULL);
INSERT INTO public.users OVERRIDING SYSTEM VALUE VALUES (3, '+12025550103', 'Basic', 'user', '2026-11-27 01:51:16.884+00', NULL, NULL);

INSERT INTO public.workers VALUES ('2fef958d-2691-4c98-a8bb-da468812533b', '2026-11-27 01:51:21.497+00');

SELECT pg_catalog.setval('drizzle.__drizzle_migrations_id_seq', 4, true);

SELECT pg_catalog.setval('public.billing_events_id_seq', 1, false);

SELECT pg_catalog.setval('public.chatrooms_id_seq', 10, true);

SELECT pg_catalog.setval('public.messages_id_seq', 65, true);

SELECT pg_catalog.setval('public.users_id_seq', 3, true);

ALTER TABLE ONLY drizzle.__drizzle_migrations
    ADD CONSTRAINT __drizzle_migrations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.billing_customers
    ADD CONSTRAINT billing_customers_customer_id_unique UNIQUE (customer_id);

ALTER TABLE ONLY public.billing_customers
    ADD CONSTRAINT billing_customers_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY public.billing_events
    ADD CONSTRAINT billing_events_event_id_unique UNIQUE (event_id);

ALTER TABLE ONLY public.billing_events
    ADD CONSTRAINT billing_events_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.chatrooms
    ADD CONSTRAINT chatrooms_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.daily_usage
    ADD CONSTRAINT daily_usage_user_id_day_pk PRIMARY KEY (user_id, day);

ALTER TABLE ONLY public.event_tickets
    ADD CONSTRAINT event_tickets_pkey PRIMARY KEY (hash);

ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_user_id_key_pk PRIMARY KEY (user_id, key);

ALTER TABLE ONLY public.messages
    ADD CONSTRAINT messages_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.model_pauses
    ADD CONSTRAINT model_pauses_pkey PRIMARY KEY (model);

ALTER TABLE ONLY public.otp_codes
    ADD CONSTRAINT otp_codes_pkey PRIMARY KEY (number_key);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_mobile_number_unique UNIQUE (mobile_number);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.workers
    ADD CONSTRAINT workers_pkey PRIMARY KEY (id);

CREATE INDEX billing_customers_recheck ON public.billing_customers USING btree (recheck_at);

CREATE INDEX billing_customers_work ON public.billing_customers USING btree (lease_until) WHERE (requested > done);

CREATE INDEX billing_events_age ON public.billing_events USING btree (received_at);

CREATE INDEX billing_events_customer ON public.billing_events USING btree (customer_id, id);

CREATE INDEX billing_events_work ON public.billing_events USING btree (next_attempt_at) WHERE (state = 'received'::text);

CREATE INDEX chatrooms_activity ON public.chatrooms USING btree (user_id, updated_at DESC NULLS LAST, id DESC NULLS LAST);

CREATE INDEX event_tickets_expiry ON public.event_tickets USING btree (expires_at);

CREATE INDEX idempotency_keys_age ON public.idempotency_keys USING btree (created_at);

CREATE INDEX messages_finished ON public.messages USING brin (finished_at);

CREATE INDEX messages_generating ON public.messages USING btree (user_id, id) WHERE (status = 'generating'::text);

CREATE INDEX messages_queued ON public.messages USING btree (user_id, id) WHERE (status = 'queued'::text);

CREATE INDEX messages_room ON public.messages USING btree (chatroom_id, id);

CREATE INDEX messages_unfinished ON public.messages USING btree (chatroom_id, id) WHERE (status = ANY (ARRAY['queued'::text, 'generating'::text]));

CREATE INDEX otp_codes_sent ON public.otp_codes USING btree (last_sent_at);

CREATE INDEX sessions_expiry ON public.sessions USING btree (expires_at);

CREATE INDEX sessions_revoked ON public.sessions USING btree (revoked_at) WHERE (revoked_at IS NOT NULL);

CREATE INDEX sessions_user ON public.sessions USING btree (user_id);

ALTER TABLE ONLY public.billing_customers
    ADD CONSTRAINT billing_customers_user_id_users_id_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.chatrooms
    ADD CONSTRAINT chatrooms_user_id_users_id_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.daily_usage
    ADD CONSTRAINT daily_usage_user_id_users_id_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.event_tickets
    ADD CONSTRAINT event_tickets_session_id_sessions_id_fk FOREIGN KEY (session_id) REFERENCES public.sessions(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.event_tickets
    ADD CONSTRAINT event_tickets_user_id_users_id_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_user_id_users_id_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.messages
    ADD CONSTRAINT messages_chatroom_id_chatrooms_id_fk FOREIGN KEY (chatroom_id) REFERENCES public.chatrooms(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_user_id_users_id_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;
