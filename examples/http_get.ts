/**
 * HTTP by hand: a GET request on a raw `IOStream`, as the first articles on Tornado showed it.
 *
 * It is here to show `readUntilRegex`, `readBytes` and `readUntilClose`; to get a page, use `fetch`.
 *
 * `deno run --allow-net examples/http_get.ts http://localhost:8888/`
 */
import { type IOStream, TCPClient } from "@gustnado/gustnado";

/** What a server has answered. */
export interface RawResponse {
  /** The first line: `HTTP/1.1 200 OK`. */
  readonly statusLine: string;
  /** The headers, their names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** The body. */
  readonly body: Uint8Array;
}

/** Milliseconds to wait for each part of the answer. */
const PATIENCE = 10_000;

/** Gets a page in HTTP/1.0, which spares it the chunked encoding of bodies. */
export async function httpGet(address: string): Promise<RawResponse> {
  const url = new URL(address);
  const secure = url.protocol === "https:";
  const port = Number(url.port) || (secure ? 443 : 80);
  using stream = await new TCPClient().connect(url.hostname, port, {
    tls: secure,
    timeout: PATIENCE,
  });
  await stream.write(
    `GET ${url.pathname}${url.search} HTTP/1.0\r\nHost: ${url.host}\r\nConnection: close\r\n\r\n`,
  );
  const head = await stream.readUntilRegex(/\r?\n\r?\n/, { timeout: PATIENCE });
  const [statusLine = "", ...lines] = new TextDecoder().decode(head).trimEnd().split(/\r?\n/);
  const headers = new Map(lines.map(parseHeader));
  return { statusLine, headers, body: await readBody(stream, headers) };
}

async function readBody(
  stream: IOStream,
  headers: ReadonlyMap<string, string>,
): Promise<Uint8Array> {
  const length = headers.get("content-length");
  if (length === undefined) return await stream.readUntilClose({ timeout: PATIENCE });
  return await stream.readBytes(Number(length), { timeout: PATIENCE });
}

function parseHeader(line: string): [string, string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}

if (import.meta.main) {
  const { statusLine, headers, body } = await httpGet(Deno.args[0] ?? "http://localhost:8888/");
  console.log(statusLine);
  for (const [name, value] of headers) console.log(`${name}: ${value}`);
  console.log(`\n${new TextDecoder().decode(body)}`);
}
