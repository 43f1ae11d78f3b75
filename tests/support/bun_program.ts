/**
 * The application of `tests/fixtures/runtime_application.ts` on Bun, in each shape in which Bun runs it.
 *
 * @module
 */
import { assert } from "@std/assert";
import { Bun } from "./bun.ts";
import type { ChildProcess } from "./child_process.ts";
import { freePort } from "./child_server.ts";
import { poll } from "./poll.ts";
import { rawRequest } from "./raw_socket.ts";
import { serviceTest } from "./services.ts";

const FIXTURES = new URL("../fixtures/", import.meta.url).pathname;

/** A program under test. */
export interface BunProgram {
  /** The process. */
  readonly child: ChildProcess;
  /** Where it listens. */
  readonly port: number;
  /** The same, as a URL without a slash at its end. */
  readonly url: string;
  /** Whether it calls `listen`, or exports the application. */
  readonly shape: "listening" | "exported";
}

/** Registers a rule for both shapes. */
export function onBun(name: string, fn: (program: BunProgram) => Promise<void>): void {
  for (const shape of ["listening", "exported"] as const) {
    serviceTest("bun", `${name} (${shape})`, () => withProgram(shape, fn));
  }
}

async function withProgram(
  shape: BunProgram["shape"],
  use: (program: BunProgram) => Promise<void>,
): Promise<void> {
  await using bun = await Bun.start();
  await bun.file("hello.txt", "0123456789".repeat(50_000));
  const env = { PORT: `${freePort()}` };
  await using child = await bun.run([`${FIXTURES}runtime_${shape}.ts`, bun.directory], env);
  const url = `http://127.0.0.1:${child.port}`;
  assert(await poll(() => isReached(child.port)), await child.errors());
  await use({ child, port: child.port, url, shape });
}

async function isReached(port: number): Promise<boolean> {
  try {
    // No connection of it stays.
    await rawRequest(port, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    return true;
  } catch {
    return false;
  }
}

/**
 * Reads lines of a program up to one that is wanted.
 *
 * @returns That line.
 */
export async function lineOf(child: ChildProcess, wanted: string | RegExp): Promise<string> {
  for (;;) {
    const line = await child.line();
    if (line === "") throw new Error(`No line ${wanted}: ${await child.errors()}`);
    if (typeof wanted === "string" ? line === wanted : wanted.test(line)) return line;
  }
}
