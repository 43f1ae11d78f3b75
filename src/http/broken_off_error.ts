/** What a streamed response fails with once the reason has been logged. */
export class BrokenOffError extends Error {
  override readonly name = "BrokenOffError";

  constructor(cause: unknown) {
    super("The response was broken off", { cause });
  }
}
