/** Compression of responses (`tornado.web.GZipContentEncoding`), by the setting `compressResponse`. */
import type { Gzip, ZlibOptions } from "node:zlib";
import { acceptsEncoding } from "../../http/fields/accept_encoding.ts";
import { mediaTypeOf } from "../../http/fields/content_type.ts";
import { varies } from "../../http/fields/field.ts";
import { EVENT_STREAM } from "../../http/body/event_stream.ts";
import { nodeZlib } from "../../platform/node_builtins.ts";
import { byteLength, type Chunk, joinChunks, toBytes } from "../../http/body/chunk.ts";
import type { HTTPServerRequest } from "../request/http_server_request.ts";

/** Bytes below which a body does not get smaller. */
const SMALLEST = 1024;

/** Media types that compress, beside all of `text/*` but event streams, whose pieces are small. */
const COMPRESSIBLE: ReadonlySet<string> = new Set([
  "application/atom+xml",
  "application/javascript",
  "application/json",
  "application/ld+json",
  "application/manifest+json",
  "application/rss+xml",
  "application/wasm",
  "application/x-javascript",
  "application/xhtml+xml",
  "application/xml",
  "image/svg+xml",
]);

/** What compresses the responses of an application, once it is loaded. */
export type ContentEncoder = Pick<
  typeof import("./content_encoder.ts"),
  "encodeBody" | "negotiateEncoding" | "streamEncoder"
>;

/** What the encoder needs of a response. */
export interface EncodableResponse {
  readonly request: HTTPServerRequest;
  getHeader(name: string): string | null;
  setHeader(name: string, value: string): void;
  addHeader(name: string, value: string): void;
  clearHeader(name: string): void;
}

/** Compresses a body piece by piece. Every piece can be decoded as soon as it is there. */
export class StreamEncoder {
  readonly #gzip: Gzip = nodeZlib().createGzip(LEVEL);
  #out: Uint8Array[] = [];

  constructor() {
    this.#gzip.on("data", (piece: Uint8Array) => this.#out.push(piece));
  }

  /** What a client needs to decode up to and including `chunk`. */
  update(chunk: Uint8Array): Promise<Uint8Array> {
    const { Z_SYNC_FLUSH } = nodeZlib().constants;
    return new Promise((resolve, reject) => {
      this.#gzip.once("error", reject);
      this.#gzip.write(chunk);
      this.#gzip.flush(Z_SYNC_FLUSH, () => {
        this.#gzip.off("error", reject);
        resolve(this.#take());
      });
    });
  }

  /** The last piece. */
  finish(chunk: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.#gzip.once("error", reject);
      this.#gzip.once("end", () => resolve(this.#take()));
      this.#gzip.end(chunk);
    });
  }

  /** Lets go of the compressor's memory. */
  close(): void {
    this.#gzip.destroy();
  }

  #take(): Uint8Array {
    const taken = joinChunks(this.#out as Uint8Array[]);
    this.#out = [];
    return toBytes(taken);
  }
}

/** Compresses a whole body, if the client accepts it and it is worth it. Sets the header fields. */
export function encodeBody(response: EncodableResponse, body: Chunk): Chunk {
  return negotiateEncoding(response, body) ? nodeZlib().gzipSync(toBytes(body), LEVEL) : body;
}

/**
 * Whether a whole body is to be compressed. Sets the header fields, which a 304 has too (RFC 9110
 * §15.4.5).
 */
export function negotiateEncoding(response: EncodableResponse, body: Chunk): boolean {
  return byteLength(body) >= SMALLEST && negotiate(response);
}

/** The encoder of a streamed body; `null` if it goes out as it is. Sets the header fields. */
export function streamEncoder(response: EncodableResponse): StreamEncoder | null {
  return negotiate(response) ? new StreamEncoder() : null;
}

const VARIES_BY = "Accept-Encoding";
const LEVEL: ZlibOptions = { level: 6 };

/** Whether to compress. Caches must know that the answer depends on what the client accepts. */
function negotiate(response: EncodableResponse): boolean {
  const type = mediaTypeOf(response.getHeader("content-type") ?? "");
  const compressible = (type.startsWith("text/") && type !== EVENT_STREAM) ||
    COMPRESSIBLE.has(type);
  if (!compressible || response.getHeader("content-encoding") !== null) return false;
  // A range is one of the bytes as they are (RFC 9110 §14.4).
  if (response.getHeader("content-range") !== null) return false;
  if (!varies(response.getHeader("vary"), VARIES_BY)) response.addHeader("Vary", VARIES_BY);
  if (!acceptsEncoding(response.request.header("accept-encoding"), "gzip")) return false;
  response.setHeader("Content-Encoding", "gzip");
  response.clearHeader("Content-Length");
  const etag = response.getHeader("etag");
  // The bytes are not those that a strong tag was computed from (RFC 9110 §8.8.1).
  if (etag !== null && !etag.startsWith("W/")) response.setHeader("Etag", `W/${etag}`);
  return true;
}
