/** The models that may be asked. */
import { Type, type Static } from 'typebox';
import { endpoint } from './endpoint.ts';

export const ModelInfo = Type.Object(
  {
    id: Type.String({ description: 'For `model` of a message or room.', examples: ['gemini-3.5-flash-lite'] }),
    label: Type.String({ description: 'What people read.', examples: ['gemini-3.5-flash-lite'] }),
    takes: Type.Array(Type.Enum(['image', 'pdf']), {
      description: 'Files that it reads itself. Of others it is sent the text.',
      examples: [['image', 'pdf']],
    }),
    context_tokens: Type.Integer({ description: 'Most tokens of a conversation that are sent.', examples: [32_000] }),
    default: Type.Boolean({ description: 'Answers where no model is named.', examples: [true] }),
    available: Type.Boolean({ description: 'Your plan has it.', examples: [true] }),
  },
  { title: 'ModelInfo' },
);
export type ModelInfo = Static<typeof ModelInfo>;

export const listModels = endpoint({
  method: 'GET',
  path: '/models',
  operationId: 'listModels',
  tag: 'Plans',
  summary: 'List the models',
  description: 'Those of your plan, its default first, then those of other plans.',
  auth: 'bearer',
  conditional: true,
  answers: { 200: { description: 'The models.', body: Type.Array(ModelInfo) } },
  problems: [],
});
