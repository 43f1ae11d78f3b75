/**
 * A chat room in the browser: `deno task start`, then http://localhost:8888. Bun and Node run it as it
 * is, with the package of npm.
 *
 * The environment variable `PORT` chooses another port, and `SOCKET` the path of a Unix socket in its
 * place. Behind a proxy, `XHEADERS=1` takes the addresses of visitors from it, and `DRAIN_MS` is how
 * long the chat still answers when it is told to stop: see `examples/deploy/`.
 *
 * Several processes are one room with `BROKER`, the URL of Redis or NATS such as
 * `redis://localhost:6379`, and the same `COOKIE_SECRET`: `deno task start:cluster` shows it.
 */
import process from "node:process";
import { configure, getConsoleSink, getTextFormatter } from "@logtape/logtape";
import type { ListenOptions } from "@gustnado/gustnado";
import { brokerAt } from "./broker.ts";
import { ChatApplication, type ChatOptions } from "./chat_application.ts";

if (import.meta.main) await main();

async function main(): Promise<void> {
  const port = readPort(process.env.PORT ?? "8888");
  const options = readOptions();
  await configure({
    sinks: { console: getConsoleSink({ formatter: getTextFormatter({ value: "bare" }) }) },
    loggers: [
      { category: "gustnado", sinks: ["console"], lowestLevel: "info" },
      { category: ["logtape", "meta"], sinks: ["console"], lowestLevel: "warning" },
    ],
  });
  await listen(port, options).finished;
  console.log("Stopped");
}

function listen(port: number, options: ChatOptions): ReturnType<ChatApplication["listen"]> {
  try {
    return new ChatApplication(options).listen(port, {
      ...behindProxy(),
      onListen: (addr) => console.log(`The chat is on ${addr.path ?? local(addr.port)}`),
    });
  } catch (error) {
    if (!isAddressInUse(error)) throw error;
    return fail(`Cannot listen on port ${port}: another program does; set PORT to a free one`);
  }
}

function isAddressInUse(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EADDRINUSE";
}

function behindProxy(): ListenOptions {
  const path = process.env.SOCKET;
  return {
    ...(path === undefined ? {} : { path }),
    xheaders: process.env.XHEADERS === "1",
    drainMs: Number(process.env.DRAIN_MS ?? 0),
  };
}

function readOptions(): ChatOptions {
  const url = process.env.BROKER;
  const cookieSecret = process.env.COOKIE_SECRET;
  if (!url) return cookieSecret ? { cookieSecret } : {};
  if (!cookieSecret) {
    return fail(
      "Cannot share a room without COOKIE_SECRET, by which each process knows the visitors of the " +
        "others: give all the same, such as `openssl rand -hex 32` prints",
    );
  }
  try {
    return { broker: brokerAt(url), cookieSecret };
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

function local(port = 80): string {
  return `http://localhost:${port}`;
}

function readPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (port <= 65_535) return port;
  return fail(`Cannot listen on port ${JSON.stringify(text)}: PORT must be from 0 to 65535`);
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
