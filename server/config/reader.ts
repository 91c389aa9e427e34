/** Reads typed values from the environment and collects every complaint, each a sentence that names the variable. */
import { StartRefused } from '../start-refused.ts';
import { settings, type SettingName } from './settings.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Protocols of a web address. */
export const http = ['http:', 'https:'] as const;

export interface Reader {
  /** The value, its default, or null when both are empty. */
  text(name: SettingName): string | null;
  /** Like `text` for settings that have a default. */
  word(name: SettingName): string;
  oneOf<const T extends string>(name: SettingName, choices: readonly T[]): T;
  integer(name: SettingName, min: number, max: number): number;
  /** True or false, null when not set. */
  flag(name: SettingName): boolean | null;
  list(name: SettingName): string[];
  /** An absolute URL with one of these protocols, without its trailing slash; null when not set. */
  url(name: SettingName, protocols: readonly string[]): string | null;
  complain(sentence: string): void;
  /** Throws `StartRefused` if there was any complaint. */
  finish(): void;
}

const flags: Readonly<Record<string, boolean>> = {
  true: true,
  '1': true,
  yes: true,
  on: true,
  false: false,
  '0': false,
  no: false,
  off: false,
};

export function readEnvironment(environment: Environment): Reader {
  const complaints: string[] = [];

  function text(name: SettingName): string | null {
    return environment[name]?.trim() || settings[name].fallback || null;
  }
  function complain(sentence: string): void {
    complaints.push(sentence);
  }

  return {
    text,
    word: (name) => text(name) ?? '',
    oneOf(name, choices) {
      const value = text(name);
      const found = choices.find((choice) => choice === value);
      if (found === undefined) complain(`${name} must be one of ${choices.join(', ')}; it is "${value ?? ''}".`);
      return found ?? choices[0]!;
    },
    integer(name, min, max) {
      const value = text(name) ?? '';
      const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
      if (number >= min && number <= max) return number;
      complain(`${name} must be a whole number from ${min} to ${max}; it is "${value}".`);
      return min;
    },
    flag(name) {
      const value = text(name);
      if (value === null) return null;
      const flag = flags[value.toLowerCase()];
      if (flag === undefined) complain(`${name} must be true or false; it is "${value}".`);
      return flag ?? null;
    },
    list: (name) =>
      (text(name) ?? '')
        .split(',')
        .map((entry) => entry.trim())
        .filter((entry) => entry !== ''),
    url(name, protocols) {
      const value = text(name);
      if (value === null) return null;
      // The value may hold a password, so the complaint does not repeat it.
      if (!URL.canParse(value) || !protocols.includes(new URL(value).protocol)) {
        complain(
          `${name} must be a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}.`,
        );
        return null;
      }
      return value.replace(/\/+$/, '');
    },
    complain,
    finish() {
      if (complaints.length > 0) throw new StartRefused(complaints.join('\n'));
    },
  };
}
