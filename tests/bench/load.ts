/** Load on a server, by `wrk` where it is installed, else by the generators of this folder. */
import type { Contender } from "./contender.ts";
import { onPath } from "./contenders.ts";
import { Generator } from "./generator.ts";

/** The requests of an HTTP row. */
export interface HttpLoad {
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The messages of a WebSocket row. */
export interface SocketLoad {
  readonly path: string;
  /** `echo`: every socket sends and gets its own back. `fanout`: one sends, all get it. */
  readonly mode: "echo" | "fanout";
  readonly connections: number;
  /** Bytes of a message. */
  readonly size: number;
  /** Messages in flight per sender. */
  readonly depth: number;
}

/** What a round gave. */
export interface Round {
  /** Requests or messages per second. */
  readonly rate: number;
  /** Nanoseconds of the server's CPU per request or message. */
  readonly cpu: number;
  /** Bytes in use after it. */
  readonly memory: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** The server was idle for more than a tenth of the time: the generator was too slow for it. */
  readonly starved: boolean;
}

/** What a generator reports. */
interface Report {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
}

const CONNECTIONS = 16;

/** One round of requests, of whole seconds: `wrk` knows no other. */
export function httpRound(
  contender: Contender,
  load: HttpLoad,
  seconds: number,
): Promise<Round> {
  const whole = Math.max(1, Math.round(seconds));
  const run = onPath("wrk") ? wrk : builtin;
  return measure(contender, whole, () => run(contender.port, load, whole));
}

/** One round of fetches, which the contender makes. */
export async function fetchRound(
  contender: Contender,
  upstream: Contender,
  seconds: number,
): Promise<Round> {
  const url = `http://127.0.0.1:${upstream.port}/`;
  const order = `http://127.0.0.1:${contender.port}/?${new URLSearchParams({
    url,
    seconds: String(seconds),
  })}`;
  const round = await measure(contender, seconds, async () => {
    return await (await fetch(order)).json() as Report;
  });
  // It waits for each answer.
  return { ...round, starved: false };
}

/** One round of messages. What it takes to open the connections does not count. */
export async function socketRound(
  contender: Contender,
  load: SocketLoad,
  seconds: number,
): Promise<Round> {
  const { mode, path, connections, size, depth } = load;
  const args = [mode, contender.port, path, connections, seconds, size, depth];
  await using generator = new Generator("websocket.ts", args);
  await generator.line();
  return await measure(contender, seconds, async () => {
    await generator.go();
    return await generator.line<Report>();
  });
}

async function measure(
  contender: Contender,
  seconds: number,
  run: () => Promise<Report>,
): Promise<Round> {
  const before = contender.cpu();
  const { count, p50, p99 } = await run();
  const used = contender.cpu() - before;
  return {
    rate: count / seconds,
    cpu: used / count,
    memory: contender.memory(),
    p50,
    p99,
    starved: used < seconds * 0.9e9,
  };
}

async function wrk(port: number, load: HttpLoad, seconds: number): Promise<Report> {
  const script = await Deno.makeTempFile({ suffix: ".lua" });
  await Deno.writeTextFile(script, luaOf(load));
  const { stdout } = await new Deno.Command("wrk", {
    args: [
      "--latency",
      "-t1",
      `-c${CONNECTIONS}`,
      `-d${seconds}s`,
      "-s",
      script,
      `http://127.0.0.1:${port}${load.path}`,
    ],
  }).output();
  await Deno.remove(script);
  const text = new TextDecoder().decode(stdout);
  if (/Non-2xx or 3xx responses/.test(text)) throw new Error(`Errors under load:\n${text}`);
  return {
    count: Number(/(\d+) requests in/.exec(text)?.[1]),
    p50: milliseconds(/50%\s+([\d.]+)(us|ms|s)/.exec(text)),
    p99: milliseconds(/99%\s+([\d.]+)(us|ms|s)/.exec(text)),
  };
}

function luaOf({ method = "GET", headers = {}, body }: HttpLoad): string {
  const lines = [`wrk.method = ${JSON.stringify(method)}`];
  if (body !== undefined) lines.push(`wrk.body = ${JSON.stringify(body)}`);
  for (const [name, value] of Object.entries(headers)) {
    lines.push(`wrk.headers[${JSON.stringify(name)}] = ${JSON.stringify(value)}`);
  }
  return lines.join("\n");
}

function milliseconds(found: RegExpExecArray | null): number {
  const factor = { us: 1e-3, ms: 1, s: 1e3 }[found?.[2] ?? "ms"] ?? 1;
  return Number(found?.[1] ?? NaN) * factor;
}

async function builtin(port: number, load: HttpLoad, seconds: number): Promise<Report> {
  await using generator = new Generator("http.ts", [port, seconds, JSON.stringify(load)]);
  return await generator.line();
}
