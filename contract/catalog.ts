/** The catalog: models and plans in the operator's file that `CATALOG` names. */
import { Type, type Static } from 'typebox';
import { endpoint } from './endpoint.ts';
import { Nullable } from './shapes.ts';

/** The vendor: Google's Gemini, or any server with OpenAI's protocol. */
export const providers = ['gemini', 'openai'] as const;

/** How long Gemini of the third generation may think before it answers. */
export const thinkingLevels = ['minimal', 'low', 'medium', 'high'] as const;

const closed = { additionalProperties: false } as const;

const ModelId = Type.String({
  pattern: '^[A-Za-z0-9][\\w.:/-]{0,99}$',
  description: 'Stored with rooms and replies: do not use it again for another model.',
  examples: ['fast'],
});

const usd = (description: string) => Type.Number({ minimum: 0, maximum: 1_000_000, description, examples: [0.3] });

export const CatalogPrice = Type.Object(
  {
    input: usd('Tokens of the prompt.'),
    cached_input: Type.Optional(usd('Tokens of the prompt that the vendor had cached; by default like `input`.')),
    audio_input: Type.Optional(usd('Tokens of audio in the prompt; by default like `input`.')),
    output: usd('Tokens of the answer, thinking included.'),
    as_of: Type.String({
      pattern: '^\\d{4}-\\d{2}-\\d{2}$',
      description: "The day of these prices on the vendor's page.",
      examples: ['2026-11-26'],
    }),
  },
  { ...closed, title: 'CatalogPrice', description: 'US dollars for a million tokens, to six decimal places.' },
);

export const CatalogModel = Type.Object(
  {
    id: ModelId,
    label: Type.String({ minLength: 1, maxLength: 100, description: 'Name shown to users.', examples: ['Fast'] }),
    provider: Type.Enum([...providers], { examples: ['gemini'] }),
    base_url: Type.Optional(
      Type.String({
        maxLength: 500,
        description: 'Of an `openai` server, with its version.',
        examples: ['http://127.0.0.1:11434/v1'],
      }),
    ),
    api_key_env: Type.Optional(
      Nullable(
        Type.String({
          pattern: '^[A-Za-z_][A-Za-z0-9_]{0,99}$',
          description: 'Name of the environment variable with the key of an `openai` server; null if it takes none.',
          examples: ['OPENROUTER_API_KEY'],
        }),
      ),
    ),
    candidates: Type.Array(Type.String({ pattern: '^[!-~]{1,200}$' }), {
      minItems: 1,
      maxItems: 10,
      description: "The vendor's names, in order of preference: the next is used when the vendor no longer knows one.",
      examples: [['gemini-3.5-flash-lite', 'gemini-2.5-flash-lite']],
    }),
    context_tokens: Type.Integer({
      minimum: 100,
      maximum: 10_000_000,
      description: 'Maximum of the conversation sent, in estimated tokens.',
      examples: [128_000],
    }),
    max_answer_tokens: Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      description: 'Maximum of an answer, thinking included; bounds the cost of a question.',
      examples: [8192],
    }),
    thinking_level: Type.Optional(
      Type.Enum([...thinkingLevels], {
        description:
          'How long a Gemini model may think; by default as the vendor chooses. Sent to the third generation only, since the second does not know it.',
        examples: ['low'],
      }),
    ),
    takes: Type.Array(Type.Enum(['image', 'pdf']), {
      description: 'Files that the model reads itself.',
      examples: [['image']],
    }),
    price: Type.Optional(CatalogPrice),
  },
  { ...closed, title: 'CatalogModel' },
);

const count = (minimum: number, maximum: number, description: string) =>
  Type.Integer({ minimum, maximum, description, examples: [minimum] });

export const CatalogPlan = Type.Object(
  {
    id: Type.String({
      pattern: '^[A-Za-z0-9][\\w.-]{0,39}$',
      description: '`tier` on the wire. A plan that an account has cannot be removed.',
      examples: ['Plus'],
    }),
    stripe_prices: Type.Optional(
      Type.Array(Type.String({ pattern: '^(?!(prod|sk|pk|rk|whsec|we|sub|cus|si|plink)_)[\\w.-]{1,255}$' }), {
        minItems: 1,
        maxItems: 20,
        description: 'Recurring prices that buy the plan. Left out for one that is not sold.',
        examples: [['price_1']],
      }),
    ),
    daily_messages: Nullable(count(0, 1_000_000, 'Messages a day; null = unlimited.')),
    models: Type.Array(ModelId, { minItems: 1, maxItems: 100, description: 'The default model first.' }),
    monthly_cost_usd: Nullable(
      Type.Number({
        minimum: 0,
        maximum: 1_000_000,
        description: 'What the models may cost for one account in a calendar month (UTC); null = unlimited.',
        examples: [10],
      }),
    ),
    when_spent: Type.Optional(
      Type.String({
        description: 'The model that answers past the monthly cost; by default none.',
        examples: ['fast'],
      }),
    ),
    replies_at_once: count(1, 1000, 'Replies of one account that may be generated concurrently.'),
    upload_mb: count(0, 10_000, 'Largest file, in MB.'),
    storage_mb: count(0, 10_000_000, 'All files of one account, in MB.'),
    upload_megapixels: Type.Optional(
      count(1, 1000, 'Largest image, in millions of pixels, all frames of an animation together; by default 50.'),
    ),
    upload_pages: Type.Optional(
      count(1, 10_000, 'Most pages of a PDF or Word document, slides, or sheets; by default 1,000.'),
    ),
    weight: Type.Optional(
      count(1, 100, 'Weight when replies of several plans are due; by default 4 for a plan that is sold, otherwise 1.'),
    ),
  },
  { ...closed, title: 'CatalogPlan' },
);

export const Catalog = Type.Object(
  {
    $schema: Type.Optional(Type.String({ description: 'Where editors find this schema.' })),
    models: Type.Array(CatalogModel, { minItems: 1, maxItems: 100 }),
    plans: Type.Array(CatalogPlan, {
      minItems: 1,
      maxItems: 20,
      description: 'The first one is free, and that of every account that has bought or been given nothing.',
    }),
  },
  { ...closed, title: 'Catalog', description: 'Models and plans of a Pollux server.' },
);
export type Catalog = Static<typeof Catalog>;

/** The schema as a separate document. */
export const catalogSchema = { $schema: 'https://json-schema.org/draft/2020-12/schema', ...Catalog };

export const readCatalogSchema = endpoint({
  method: 'GET',
  path: '/catalog.schema.json',
  operationId: 'readCatalogSchema',
  tag: 'Service',
  summary: 'JSON Schema of the catalog',
  description: 'For editors of the file that `CATALOG` names, in which an operator keeps models and plans.',
  auth: 'none',
  conditional: true,
  standsAlone: true,
  answers: {
    200: {
      description: 'The schema.',
      body: Type.Object(
        {
          $schema: Type.String({ examples: ['https://json-schema.org/draft/2020-12/schema'] }),
          title: Type.String({ examples: ['Catalog'] }),
        },
        { additionalProperties: true },
      ),
      mediaType: 'application/schema+json',
    },
  },
  problems: [],
});
