/** One row of the table of wrong settings: the value, and the message that the start ends with. */

export interface WrongSetting {
  /** The variable that is wrong, or the command. */
  readonly setting: string;
  /** Its value, or a description of what it points to. */
  readonly given: string;
  /** The message in the terminal; `…` stands for what differs between machines. */
  readonly sentence: string;
}
