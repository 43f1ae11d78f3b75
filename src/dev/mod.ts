/**
 * Runs an application in development: it starts again when one of its modules changes, and while it
 * cannot start, its port answers with what is wrong.
 *
 * ```sh
 * deno run -A jsr:@gustnado/gustnado/dev main.ts
 * ```
 *
 * Pages keep themselves fresh with the setting `debug`; see `docs/development.md`.
 *
 * @module
 */
import { main } from "./command_line.ts";

if (import.meta.main) await main();
