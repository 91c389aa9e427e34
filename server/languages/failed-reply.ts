/** What a person reads when a reply failed: made from its code when it is read, in the language of the reader. */
import { failureCodes, type FailureCode, type Message } from '../../contract/messages.ts';
import { dashed, say } from './catalog.ts';

/** `counted`: the message stays one of the day, because the account had its refunds. */
export function failureSentence(language: string, code: FailureCode, counted: boolean): string {
  return say(language, `failure.${dashed(code)}`, { counted: counted ? 'yes' : 'no' });
}

/** The message as its reader sees it; all but failed replies stay as they are. */
export function inLanguage(message: Message, language: string): Message {
  if (message.status !== 'failed' || !isFailureCode(message.code)) return message;
  return { ...message, content: failureSentence(language, message.code, message.charged === true) };
}

function isFailureCode(code: string | null): code is FailureCode {
  return (failureCodes as readonly (string | null)[]).includes(code);
}
