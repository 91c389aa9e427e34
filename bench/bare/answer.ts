/** The minimum that generates answers: a loop over the vendor's SDK that concatenates the text, run by `POST /run`. */
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { GoogleGenAI } from '@google/genai';

const client = new GoogleGenAI({
  apiKey: 'a-key-for-benchmarks',
  vertexai: false,
  apiVersion: 'v1beta',
  httpOptions: { baseUrl: process.env.GEMINI_BASE_URL! },
});

async function answer(question: string): Promise<string> {
  const chunks = await client.models.generateContentStream({
    model: 'gemini-3.5-flash-lite',
    contents: [{ role: 'user', parts: [{ text: question }] }],
    config: { automaticContinuation: false, automaticFunctionCalling: { disable: true } },
  });
  let text = '';
  for await (const chunk of chunks) text += chunk.candidates?.[0]?.content?.parts?.[0]?.text ?? '';
  return text;
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://bench');
  if (url.pathname === '/run') {
    const question = url.searchParams.get('question') ?? '';
    const count = Number(url.searchParams.get('count'));
    await Promise.all(Array.from({ length: count }, () => answer(question)));
  }
  response.end('up');
}

http.createServer((request, response) => void serve(request, response)).listen(Number(process.env.PORT), '127.0.0.1');
