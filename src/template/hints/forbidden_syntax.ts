/** A construct that no template may use. */
export class ForbiddenSyntax extends Error {
  /** Where it is. */
  readonly pos: number;
  /** What to write instead, if the message does not say. */
  readonly hint: string | undefined;

  /**
   * @param message What is forbidden.
   * @param pos Where it is.
   * @param hint What to write instead.
   */
  constructor(message: string, pos: number, hint?: string) {
    super(message);
    this.pos = pos;
    this.hint = hint;
  }
}
