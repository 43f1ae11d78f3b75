/** The load as a program. */
import { runningProgram, setExitCode } from "../platform/program.ts";
import type { LatencySummary } from "./latencies.ts";
import { load, type LoadReport } from "./load.ts";
import type { LoadOptions } from "./load_options.ts";

const HELP =
  `Puts an application under load: opens WebSockets, publishes at a rate, counts what arrives.

  deno run --allow-net jsr:@gustnado/gustnado/load ws://localhost:8888/ws [option…]

  --sockets N        WebSockets that receive (100)
  --rate N           messages in a second (10)
  --seconds N        how long (10)
  --topic NAME       follow and publish to a topic, in gustnado.v1.json
  --subprotocol NAME the subprotocol to offer, without a topic
  --greeting TEXT    what a socket says first, without a topic
  --message TEXT     what is published, with $ in the place of the text ($)
  --post URL         publish by POST, in place of a socket
  --echo             the server sends each message back to its socket alone
  --header FIELD     a header field of the handshakes and POSTs: "Name: value"; as often as needed
  --settle MS        what arrives after a silence of so long is lost (2000)
  --json             print JSON

Exits with 1 if something was lost, doubled or out of order, and with 2 if it was told nonsense.`;

type Value = "number" | "text" | "flag" | "header";

const FLAGS: Readonly<Record<string, Value>> = {
  sockets: "number",
  rate: "number",
  seconds: "number",
  settle: "number",
  topic: "text",
  subprotocol: "text",
  greeting: "text",
  message: "text",
  post: "text",
  echo: "flag",
  json: "flag",
  header: "header",
};

/** What a command line asks for. */
export interface LoadCommand {
  readonly url: string;
  readonly options: LoadOptions;
  /** Whether to print JSON. */
  readonly json: boolean;
}

/**
 * Reads a command line.
 *
 * @throws {TypeError} If it cannot be understood.
 */
export function parseCommand(args: readonly string[]): LoadCommand {
  const rest = [...args];
  const urls: string[] = [];
  const given: Record<string, unknown> = {};
  const headers: Record<string, string> = {};
  for (let next = rest.shift(); next !== undefined; next = rest.shift()) {
    if (!next.startsWith("--")) urls.push(next);
    else readFlag(next.slice("--".length), rest, given, headers);
  }
  const [url, another] = urls;
  if (url === undefined || another !== undefined) {
    throw new TypeError("Cannot tell what to load: give one URL");
  }
  const { json = false, ...options } = given;
  return { url, options: { ...options, headers }, json: json === true };
}

function readFlag(
  name: string,
  rest: string[],
  given: Record<string, unknown>,
  headers: Record<string, string>,
): void {
  const kind = Object.hasOwn(FLAGS, name) ? FLAGS[name] : undefined;
  if (kind === undefined) throw new TypeError(`Unknown option --${name}: see --help`);
  if (kind === "flag") return void (given[name] = true);
  const value = rest.shift();
  if (value === undefined) throw new TypeError(`Cannot use --${name}: a value has to follow it`);
  if (kind === "header") {
    const colon = value.indexOf(":");
    if (colon < 1) throw new TypeError(`Cannot use --header ${value}: expected "Name: value"`);
    headers[value.slice(0, colon)] = value.slice(colon + 1).trim();
  } else given[name] = kind === "number" ? Number(value) : value;
}

/** The report as lines for people. */
export function formatReport(report: LoadReport): string {
  const { sockets, connected, published, refused, expected, delivered, lost, doubles } = report;
  const { outOfOrder, lostNotices, reconnects, connect, delivery } = report;
  return [
    `sockets    ${connected} of ${sockets} connected, ${reconnects} reconnects`,
    `connect    ${formatLatencies(connect)}`,
    `published  ${published}, ${refused} refused`,
    `delivered  ${delivered} of ${expected}`,
    `           ${lost} lost, ${doubles} doubled, ${outOfOrder} out of order`,
    `           ${lostNotices} losses that the server told of`,
    `delivery   ${formatLatencies(delivery)}`,
  ].join("\n");
}

function formatLatencies({ count, p50, p90, p99, max }: LatencySummary): string {
  return count === 0 ? "none" : `p50 ${p50} ms, p90 ${p90} ms, p99 ${p99} ms, max ${max} ms`;
}

/** Runs the program, and sets the exit code of the process. */
export async function main(): Promise<void> {
  const { args } = runningProgram();
  if (args.includes("--help")) return console.log(HELP);
  try {
    const { url, options, json } = parseCommand(args);
    const report = await load(url, options);
    console.log(json ? JSON.stringify(report, null, 2) : formatReport(report));
    setExitCode(report.ok ? 0 : 1);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    setExitCode(2);
  }
}
