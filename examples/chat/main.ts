/**
 * A chat room in the browser: `deno task start`, then http://localhost:8888.
 *
 * The environment variable `PORT` chooses another port.
 */
import { configure, getConsoleSink, getTextFormatter } from "@logtape/logtape";
import { ChatApplication } from "./chat_application.ts";

if (import.meta.main) await main();

async function main(): Promise<void> {
  const port = readPort(Deno.env.get("PORT") ?? "8888");
  await configure({
    sinks: { console: getConsoleSink({ formatter: getTextFormatter({ value: show }) }) },
    loggers: [
      { category: "gustnado", sinks: ["console"], lowestLevel: "info" },
      { category: ["logtape", "meta"], sinks: ["console"], lowestLevel: "warning" },
    ],
  });
  await listen(port).finished;
  console.log("Stopped");
}

/** Text as it is, and everything else, exceptions with their stack, as the console shows it. */
function show(value: unknown): string {
  return typeof value === "string" ? value : Deno.inspect(value);
}

function listen(port: number): ReturnType<ChatApplication["listen"]> {
  try {
    return new ChatApplication().listen(port, {
      onListen: (addr) => console.log(`The chat is on http://localhost:${addr.port}`),
    });
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    return fail(`Cannot listen on port ${port}: another program does; set PORT to a free one`);
  }
}

function readPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (port <= 65_535) return port;
  return fail(`Cannot listen on port ${JSON.stringify(text)}: PORT must be from 0 to 65535`);
}

function fail(message: string): never {
  console.error(message);
  Deno.exit(1);
}
