/**
 * The client of `tcp_echo_server.ts`: it sends its arguments, a line each, and prints the answers.
 *
 * `deno run --allow-net examples/tcp_echo_client.ts hello world`
 */
import { TCPClient } from "@gustnado/gustnado";

/** Sends lines to an echo server, one after the other, and returns what comes back. */
export async function echo(host: string, port: number, lines: string[]): Promise<string[]> {
  using stream = await new TCPClient().connect(host, port, { timeout: 5_000 });
  const decoder = new TextDecoder();
  const answers: string[] = [];
  for (const line of lines) {
    await stream.write(`${line}\n`);
    answers.push(decoder.decode(await stream.readUntil("\n", { timeout: 5_000 })).trimEnd());
  }
  return answers;
}

if (import.meta.main) {
  for (const answer of await echo("localhost", 9_000, Deno.args)) console.log(answer);
}
