/** What a request must have to become a WebSocket (RFC 6455 §4.2.1). */
import { hasMember } from "../http/fields/field.ts";
import type { HTTPServerRequest } from "../web/request/http_server_request.ts";

/** The answer to a handshake that cannot be accepted. */
export interface Refusal {
  /** The status of the response. */
  readonly status: number;
  /** Its body. */
  readonly message: string;
  /** Its header fields. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The version of RFC 6455, and the only one that is spoken. */
const VERSION = "13";
/** 16 bytes in base64. */
const KEY = /^[A-Za-z0-9+/]{22}==$/;

/** The answer to a request that does not ask for a WebSocket; `null` if it does. */
export function refuseUpgrade(request: HTTPServerRequest): Refusal | null {
  if (request.method !== "GET" || !hasMember(request.header("upgrade"), "websocket")) {
    return { status: 400, message: 'Can "Upgrade" only to "WebSocket".' };
  }
  if (!hasMember(request.header("connection"), "upgrade")) {
    return { status: 400, message: '"Connection" must be "Upgrade".' };
  }
  return null;
}

/** The answer to a version or a key that is not right; `null` if both are. */
export function refuseKey(request: HTTPServerRequest): Refusal | null {
  if (request.header("sec-websocket-version") !== VERSION) {
    const message = `Only version ${VERSION} of the WebSocket protocol is supported`;
    return { status: 426, message, headers: { "Sec-WebSocket-Version": VERSION } };
  }
  if (!KEY.test(request.header("sec-websocket-key") ?? "")) {
    return { status: 400, message: "Missing/Invalid WebSocket headers" };
  }
  return null;
}
