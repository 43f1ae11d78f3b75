/**
 * The chat as an application that a runtime serves or a build takes: one process, without a broker.
 *
 * ```sh
 * deno serve --allow-read examples/chat/app.ts
 * deno run -A src/build/mod.ts examples/chat/app.ts --target workers
 * ```
 */
import { ChatApplication } from "./chat_application.ts";

const app: ChatApplication = new ChatApplication();
export default app;
