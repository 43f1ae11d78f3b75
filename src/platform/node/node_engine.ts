/**
 * `node:http` and the package `ws` as the engine of a platform: on Node, and on Deno for those who ask
 * for it. What answers requests is loaded with the first one.
 */
import type { ConnectionInfo, Platform, Upgrade, UpgradeOptions } from "../platform.ts";
import { textResponse } from "./node_response.ts";
import { serveNode } from "./node_server.ts";

/** A request of this engine, which the functions of the platform ask. */
export interface EngineRequest {
  /** Reads a header field; `name` is in lower case. */
  field(name: string): string | null;
  /** Whether the client has left. */
  readonly hasLeft: boolean;
  /** See `Platform.bodyReader`. */
  bodyReader(): ReturnType<NonNullable<Platform["bodyReader"]>>;
  /** Whether it was taken over. */
  readonly isUpgraded: boolean;
  /** Takes it over. */
  upgrade(options: UpgradeOptions): Upgrade;
}

/** What answers a request of the engine. */
export type EngineHandler = (
  request: Request,
  info: ConnectionInfo,
) => Response | Promise<Response>;

/**
 * The platform on another engine.
 *
 * @param base What knows the process and the files.
 */
export function nodeEngine(base: Platform): Platform {
  return {
    ...base,
    name: base.name === "Node" ? "Node" : `${base.name} with the engine "node"`,
    requestHeader: (request, name) =>
      isEngineRequest(request) ? request.field(name) : request.headers.get(name),
    packHeaders: () => null,
    bufferedBody: () => null,
    bodyReader: (request) => isEngineRequest(request) ? request.bodyReader() : null,
    textResponse,
    serve: serveNode,
    calledByRuntimeServer: () => false,
    hasLeft: (request) => Promise.resolve(isEngineRequest(request) && request.hasLeft),
    upgradeWebSocket(request, options) {
      if (isEngineRequest(request)) return { ...request.upgrade(options), compresses: true };
      return base.upgradeWebSocket(request, options);
    },
    isUpgrade: (request, response) =>
      isEngineRequest(request) ? request.isUpgraded : base.isUpgrade(request, response),
    terminate: () => {},
  };
}

function isEngineRequest(request: object): request is Request & EngineRequest {
  return "isUpgraded" in request;
}
