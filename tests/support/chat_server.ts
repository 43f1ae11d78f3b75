/**
 * The chat of `examples/chat/`, run as its users run it.
 *
 * @module
 */
import { ChildServer } from "./child_server.ts";

const ROOT = new URL("../../", import.meta.url);

/** The path of the program. */
export const CHAT_PROGRAM: string = new URL("examples/chat/main.ts", ROOT).pathname;

/** The arguments of `deno` that run it with the permissions of `deno task start`. */
export const CHAT_ARGUMENTS: readonly string[] = [
  "run",
  "--quiet",
  `--config=${new URL("deno.json", ROOT).pathname}`,
  "--allow-net",
  "--allow-read",
  "--allow-env",
  CHAT_PROGRAM,
];

/**
 * Starts the chat in a process of its own.
 *
 * @param options `port` starts it where an earlier one was. The default is a free port. `env` is what
 *   it finds in its environment besides.
 * @returns The running server, to be bound with `await using`.
 */
export function startChat(
  { env = {}, ...options }: {
    readonly port?: number;
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): Promise<ChildServer> {
  const variables = Object.entries({ ...env, NO_COLOR: "1" }).map(([name, value]) =>
    `${name}=${value}`
  );
  return ChildServer.start({
    ...options,
    program: "/usr/bin/env",
    args: ({ port }) => [`PORT=${port}`, ...variables, Deno.execPath(), ...CHAT_ARGUMENTS],
  });
}
