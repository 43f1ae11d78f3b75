/** Where a request comes from, as far as the server believes it. */
import { forwardedClient, forwardedProtocol } from "./client_address.ts";
import type { ServerContext } from "./server_context.ts";
import type { ConnectionInfo } from "../platform/platform.ts";

/** A request, its connection, and the server that it came in on. */
export interface RequestSource {
  /** The web `Request`. */
  readonly raw: Request;
  /** What the runtime knows of the connection. */
  readonly connection: ConnectionInfo;
  /** Whose settings say what to believe. */
  readonly server: ServerContext;
}

/**
 * The client's address, as a trusted proxy says where `xheaders` is on. `"0.0.0.0"` for a Unix socket
 * and for a `Request` made in the process.
 */
export function remoteIpOf({ raw, connection, server }: RequestSource): string {
  if (server.xheaders) {
    const { platform, trusted } = server;
    const forwardedFor = platform.requestHeader(raw, "x-forwarded-for");
    const realIp = platform.requestHeader(raw, "x-real-ip");
    const client = forwardedClient({ forwardedFor, realIp }, trusted);
    if (client !== null) return client;
  }
  return connection.remoteAddr?.hostname ?? "0.0.0.0";
}

/** The scheme, as a trusted proxy says where `xheaders` is on. */
export function protocolOf({ raw, server }: RequestSource): "http" | "https" {
  const { platform, protocol, xheaders } = server;
  if (protocol !== undefined) return protocol;
  const forwarded = xheaders
    ? forwardedProtocol(
      platform.requestHeader(raw, "x-scheme"),
      platform.requestHeader(raw, "x-forwarded-proto"),
    )
    : null;
  return forwarded ?? (raw.url.startsWith("https:") ? "https" : "http");
}
