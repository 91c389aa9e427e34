/** The models of the service. */
import { Type, type Static } from 'typebox';
import { endpoint } from './endpoint.ts';

export const ModelInfo = Type.Object(
  {
    id: Type.String({ description: 'For `model` of a message or room.', examples: ['gemini-3.5-flash-lite'] }),
    label: Type.String({ description: 'Name shown to users.', examples: ['gemini-3.5-flash-lite'] }),
    takes: Type.Array(Type.Enum(['image', 'pdf']), {
      description: 'Files that the model reads itself. Of other files it gets the text.',
      examples: [['image', 'pdf']],
    }),
    context_tokens: Type.Integer({
      description: 'Maximum of a conversation sent to the model, in tokens.',
      examples: [32_000],
    }),
    default: Type.Boolean({ description: 'Used if no model is named.', examples: [true] }),
    available: Type.Boolean({ description: 'Included in your plan.', examples: [true] }),
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
