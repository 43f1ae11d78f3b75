/**
 * A project to begin with: as a program, and as {@linkcode createProject}.
 *
 * ```sh
 * deno run -A jsr:@gustnado/gustnado/init my-app --template chat
 * ```
 *
 * | template | is |
 * | --- | --- |
 * | `api` | a JSON API: bearer tokens, input that is checked, errors in JSON, SQLite |
 * | `chat` | a chat: topics with history, who is there, the browser's client |
 * | `site` | a site: templates, forms, sign-up and log-in, SQLite |
 *
 * @example
 * ```ts
 * import { createProject } from "@gustnado/gustnado/init";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * const project = await createProject(`${folder}/my-app`, { template: "api" });
 * assertEquals(project.name, "my-app");
 * await Deno.remove(folder, { recursive: true });
 * ```
 *
 * @module
 */
import { isMain } from "../platform/program.ts";
import { main } from "./command_line.ts";

export { type CreatedProject, createProject, type ProjectOptions } from "./project.ts";
export type { ProjectTemplate } from "./project_template.ts";

if (isMain(import.meta)) await main();
