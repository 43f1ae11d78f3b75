/** Status and fields of a response. */
import { reasonPhrase } from "../../http/status_text.ts";

/**
 * The fields of a response that has a coding. The runtime leaves the coding and the length of a body
 * that it has decoded as they were sent: the first is renamed, as in Tornado, and the second is
 * dropped.
 *
 * @param sent The fields of the request, which decide whether the runtime decodes.
 */
export function decodedHeaders(response: Response, sent: Headers | undefined): Headers {
  const coding = response.headers.get("content-encoding");
  if (coding === null || response.body === null || !isDecoded(coding, sent)) {
    return response.headers;
  }
  const headers = new Headers(response.headers);
  headers.set("x-consumed-content-encoding", coding);
  headers.delete("content-encoding");
  headers.delete("content-length");
  return headers;
}

/** Calls back with every line of a head, as `HTTPRequestOptions.headerCallback` describes. */
export function announceHead(
  response: Response,
  headers: Headers,
  callback: (line: string) => void,
): void {
  callback(`HTTP/1.1 ${response.status} ${reasonPhrase(response.status)}\r\n`);
  for (const [name, value] of headers) callback(`${name}: ${value}\r\n`);
  callback("\r\n");
}

function isDecoded(coding: string, sent: Headers | undefined): boolean {
  if (!/^(?:gzip|br)$/i.test(coding)) return false;
  const fields = new Headers(sent);
  // Beside others it changes nothing: the runtime looks for it alone.
  return !fields.has("range") && !/^identity$/i.test(fields.get("accept-encoding") ?? "");
}
