/** The text of a failed reply: made from its code when it is read, in the reader's language. */
import { failureCodes, type FailureCode, type Message } from '../../contract/messages.ts';
import { dashed, say } from './catalog.ts';

/** `counted`: the message is not refunded, because the account has used its refunds of the day. */
export function failureSentence(language: string, code: FailureCode, counted: boolean): string {
  return say(language, `failure.${dashed(code)}`, { counted: counted ? 'yes' : 'no' });
}

/** The message in the reader's language; only failed replies differ. */
export function inLanguage(message: Message, language: string): Message {
  if (message.status !== 'failed' || !isFailureCode(message.code)) return message;
  return { ...message, content: failureSentence(language, message.code, message.charged === true) };
}

function isFailureCode(code: string | null): code is FailureCode {
  return (failureCodes as readonly (string | null)[]).includes(code);
}
