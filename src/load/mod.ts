/**
 * A load of WebSockets for an application of your own: as a program, and as {@linkcode load}.
 *
 * ```sh
 * deno run --allow-net jsr:@gustnado/gustnado/load ws://localhost:8888/ws --sockets 500 --rate 20
 * ```
 *
 * @example
 * ```ts
 * import { Application, WebSocketHandler } from "@gustnado/gustnado";
 * import { load } from "@gustnado/gustnado/load";
 * import { assertEquals } from "@std/assert";
 *
 * class Echo extends WebSocketHandler {
 *   override onMessage(message: string | Uint8Array) {
 *     this.writeMessage(message);
 *   }
 * }
 *
 * await using server = new Application([["/ws", Echo]]).listen(0, { handleSignals: false });
 * const options = { sockets: 4, rate: 100, seconds: 0.2, echo: true };
 * const { lost, doubles } = await load(`ws://localhost:${server.port}/ws`, options);
 * assertEquals({ lost, doubles }, { lost: 0, doubles: 0 });
 * ```
 *
 * @module
 */
import { isMain } from "../platform/program.ts";
import { main } from "./command_line.ts";

export type { LatencySummary } from "./latencies.ts";
export { load, type LoadReport } from "./load.ts";
export type { LoadOptions } from "./load_options.ts";

if (isMain(import.meta)) await main();
