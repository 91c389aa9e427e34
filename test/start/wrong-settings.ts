/** One row of the table of wrong settings: what was given, and the sentence that the start ends with. */

export interface WrongSetting {
  /** The variable at fault, or the command. */
  readonly setting: string;
  /** Its value, or the state of what it leads to, in words. */
  readonly given: string;
  /** What the terminal says; `…` stands for what differs from machine to machine. */
  readonly sentence: string;
}
