/**
 * Forms whose files are too large to hold: {@linkcode receiveUploads} writes them to a directory, or
 * wherever a sink of your own puts them, as they arrive.
 *
 * @example
 * ```ts
 * import { Application, RequestHandler } from "@gustnado/gustnado/web";
 * import { receiveUploads } from "@gustnado/gustnado/uploads";
 * import { assertEquals } from "@std/assert";
 *
 * class Hash extends RequestHandler {
 *   static override readonly streamRequestBody = true;
 *
 *   override async post() {
 *     let bytes = 0;
 *     const { files } = await receiveUploads(this, {
 *       sink: () => ({
 *         writable: new WritableStream({
 *           write(chunk) {
 *             bytes += chunk.length;
 *           },
 *         }),
 *       }),
 *     });
 *     this.write({ bytes, names: files.map(({ filename }) => filename) });
 *   }
 * }
 *
 * const app = new Application([["/", Hash]]);
 * const body = new FormData();
 * body.set("file", new File(["hello"], "hello.txt"));
 * const response = await app.fetch(new Request("http://localhost/", { method: "POST", body }));
 * assertEquals(await response.json(), { bytes: 5, names: ["hello.txt"] });
 * ```
 *
 * @module
 */
export { type ReceivedFile, type ReceivedForm, receiveUploads } from "./receive_uploads.ts";
export type { UploadOptions } from "./upload_options.ts";
export type { UploadHead, UploadSink, UploadSinkMaker } from "./upload_sink.ts";
