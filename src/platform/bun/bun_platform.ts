/** Bun as a platform. */
import { nodeFiles } from "../node/node_files.ts";
import { processConsole } from "../node/node_process.ts";
import type { Platform, PlatformAnswer } from "../platform.ts";
import { standardPlatform } from "../standard_platform.ts";
import { type BunServer, isBunServer } from "./bun_api.ts";
import { openWebSocket } from "./bun_client_web_socket.ts";
import { exit, onStopSignal, onUnhandledError, servesMainModule } from "./bun_process.ts";
import { answerOn, serve, stop } from "./bun_serve.ts";
import { isUpgrade, lacksServer, upgradeWebSocket } from "./bun_upgrade.ts";
import { webSocketHooks } from "./bun_web_socket.ts";

/** The platform of Bun. */
export function bunPlatform(): Platform {
  const standard = standardPlatform();
  /** The one that calls the application, where that has not made it. */
  let caller: BunServer | undefined;
  return {
    ...standard,
    name: "Bun",
    packHeaders,
    bodyReader,
    textResponse,
    serve,
    exit,
    onStopSignal,
    onUnhandledError,
    // By the time that the module is known, who called has passed its server.
    calledByRuntimeServer: async () => await servesMainModule() && caller !== undefined,
    joinable: (answer) => joinable(answer, (server) => caller = server),
    stopRuntimeServer: async () => {
      if (caller !== undefined) await stop(caller);
    },
    webSocketHooks,
    hasLeft: (request) => Promise.resolve(request.signal.aborted),
    upgradeWebSocket,
    isUpgrade,
    openWebSocket,
    terminate: () => {},
    files: nodeFiles(),
    console: processConsole(),
  };
}

/** Setting the field takes a quarter of the time that handing it to the constructor does. */
function textResponse(body: string, contentType: string): Response {
  const response = new Response(body);
  response.headers.set("content-type", contentType);
  return response;
}

/** They can be read at any time, once they have been read: otherwise Bun forgets them with the response. */
function packHeaders(request: Request): null {
  request.headers.has("host");
  return null;
}

/** Reading it at once takes Bun a third of what a stream does; the declared length was looked at. */
function bodyReader(request: Request): ReturnType<NonNullable<Platform["bodyReader"]>> {
  const { headers } = request;
  if (!(Number(headers.get("content-length") ?? 0) > 0) || request.bodyUsed) return null;
  if (headers.has("transfer-encoding")) return null;
  let whole: Promise<Uint8Array<ArrayBuffer>> | undefined;
  return {
    async read() {
      if (whole !== undefined) return { done: true };
      whole = request.bytes();
      return { done: false, value: await whole };
    },
    cancel: () => Promise.resolve(),
  };
}

/** Bun passes a server of its own where others pass what they know of the connection. */
function joinable(answer: PlatformAnswer, remember: (server: BunServer) => void): PlatformAnswer {
  return (request, info) => {
    if (!isBunServer(info)) {
      if (info === undefined) lacksServer(request);
      return answer(request, info);
    }
    remember(info);
    // What takes longer than ten seconds would be cut.
    info.timeout(request, 0);
    return answerOn(info, request, answer);
  };
}
