/**
 * The handler of static files, for routes and classes of one's own (`tornado.web.StaticFileHandler`). The
 * setting `staticPath` needs nothing of it.
 *
 * Here is {@linkcode StaticFileHandler}.
 *
 * @example
 * ```ts
 * import { StaticFileHandler } from "@gustnado/gustnado/static";
 * import { Application } from "@gustnado/gustnado/web";
 * import { assertEquals } from "@std/assert";
 *
 * class Download extends StaticFileHandler {
 *   override setExtraHeaders(path: string) {
 *     this.setHeader("Content-Disposition", `attachment; filename="${path}"`);
 *   }
 * }
 *
 * const path = Deno.makeTempDirSync();
 * Deno.writeTextFileSync(`${path}/report.txt`, "All is well");
 *
 * const app = new Application([["/reports/(.*)", Download, { path }]]);
 * const response = await app.fetch(new Request("http://localhost/reports/report.txt"));
 * assertEquals(response.headers.get("content-disposition"), 'attachment; filename="report.txt"');
 * assertEquals(await response.text(), "All is well");
 * ```
 *
 * @module
 */
export type { FileAccess, FileContent, FilePart } from "./file_content.ts";
export type { MediaTypes } from "./media_type.ts";
export { StaticFileHandler, type StaticFileHandlerClass } from "./static_file_handler.ts";
export type { StaticFileOptions } from "./settings.ts";
