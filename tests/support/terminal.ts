/**
 * A program in a pseudo terminal, as a person would see it.
 *
 * @module
 */
const ROOT = new URL("../../", import.meta.url);

/** How {@link inTerminal} runs a program. */
export interface TerminalOptions {
  /** What Deno is told in front of the program, such as permissions. Default `--allow-all`. */
  readonly flags?: readonly string[];
  /** Variables of the environment, beside those that there are. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs a program whose standard error is a terminal, until it ends. Its tests need the service `script`.
 *
 * @param code The program, a module.
 * @returns What the terminal was sent, with `\n` for the end of a line.
 */
export async function inTerminal(code: string, options: TerminalOptions = {}): Promise<string> {
  const { flags = ["--allow-all"], env = {} } = options;
  const path = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(path, code);
    const config = new URL("deno.json", ROOT).pathname;
    const command = [Deno.execPath(), "run", "--no-check", "--quiet", `--config=${config}`]
      .concat(flags, path).join(" ");
    const { stdout } = await new Deno.Command("script", {
      args: ["--quiet", "--return", "--command", command, "/dev/null"],
      env: { TERM: "xterm", NO_COLOR: "", ...env },
      stdin: "null",
    }).output();
    return new TextDecoder().decode(stdout).replaceAll("\r\n", "\n");
  } finally {
    await Deno.remove(path);
  }
}

/** The address of a module of the library, for the program. */
export function moduleAddress(path: string): string {
  return JSON.stringify(new URL(path, ROOT).href);
}
