/** Reads typed values from the environment and collects all errors, each a sentence that names the variable. */
import { StartRefused } from './start-refused.ts';
import { settings, type SettingName } from './settings.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const http = ['http:', 'https:'];

export interface Reader {
  /** The value or its default; null when both are empty. */
  text(name: SettingName): string | null;
  /** True if the environment has it, default or not. */
  isSet(name: SettingName): boolean;
  /** Like `text`, but empty instead of null. */
  string(name: SettingName): string;
  oneOf<const T extends string>(name: SettingName, choices: readonly T[]): T;
  integer(name: SettingName, min: number, max: number): number;
  /** Null when not set. */
  flag(name: SettingName): boolean | null;
  list(name: SettingName): string[];
  /** An absolute URL with one of these protocols, without its trailing slash; null when not set. */
  url(name: SettingName, protocols: readonly string[]): string | null;
  /** A base URL without its trailing slash; null when not set. */
  webAddress(name: SettingName): string | null;
  complain(sentence: string): void;
  /** Throws `StartRefused` if there was any error. */
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
  const given = new Map<string, string>();
  for (const name of Object.keys(settings)) {
    const value = environment[name]?.trim() ?? '';
    // `docker run --env-file` and most dashboards keep quotes as part of the value.
    const quoted = /^(["'])(.*)\1$/s.exec(value);
    if (quoted) complain(`${name} must be written without quotes: they become part of the value here.`);
    given.set(name, quoted?.[2] ?? value);
  }

  function text(name: SettingName): string | null {
    return given.get(name) || settings[name].fallback || null;
  }
  function complain(sentence: string): void {
    complaints.push(sentence);
  }
  // A URL may contain a password, so no error repeats it.
  function url(name: SettingName, protocols: readonly string[]): string | null {
    const value = text(name);
    if (value === null) return null;
    if (!protocols.some((protocol) => value.toLowerCase().startsWith(`${protocol}//`))) {
      complain(`${name} must be a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}.`);
      return null;
    }
    if (!URL.canParse(value) || endsInsidePassword(new URL(value))) {
      complain(
        `${name} must be a single valid URL; in a user name or password write / as %2F, # as %23, ? as %3F, @ as %40.`,
      );
      return null;
    }
    return value.replace(/\/+$/, '');
  }

  return {
    text,
    isSet: (name) => given.get(name) !== '',
    string: (name) => text(name) ?? '',

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
    url,
    webAddress(name) {
      const value = url(name, http);
      if (value === null) return null;
      const { username, password, hostname } = new URL(value);
      if (/[?#]/.test(value)) complain(`${name} must end before any ? or #: paths are appended to it.`);
      if (username !== '' || password !== '') complain(`${name} must not hold a user name or password.`);
      if (hostname.includes('*')) complain(`${name} must be one address; a * stands for none.`);
      return value;
    },
    complain,
    finish() {
      if (complaints.length > 0) throw new StartRefused(complaints.join('\n'));
    },
  };
}

/** An unescaped / ? or # in a password ends the authority early, so that the rest parses as host and port. */
function endsInsidePassword({ protocol, pathname, search, hash }: URL): boolean {
  return !http.includes(protocol) && (pathname + search + hash).includes('@');
}
