/** What stands in the place of `limited_body.ts` in the package, for Workers: their runtime puts chunks together. */
import { type BodyLimits, limitedStream } from "./limited_body.ts";

export { decodeBody, lingeringReader, lingeringStream } from "./limited_body.ts";
export { limitedStream };

/** See `limited_body.ts`. */
export async function readBody(
  stream: ReadableStream<Uint8Array>,
  limits: BodyLimits,
): Promise<Uint8Array> {
  return new Uint8Array(await new Response(limitedStream(stream, limits)).arrayBuffer());
}
