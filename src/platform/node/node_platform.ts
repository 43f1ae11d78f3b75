/** Node as a platform. */
import type { Platform } from "../platform.ts";
import { standardPlatform } from "../standard_platform.ts";
import { NodeClientWebSocket } from "./node_client_web_socket.ts";
import { nodeEngine } from "./node_engine.ts";
import { nodeFiles } from "./node_files.ts";
import {
  exit,
  localAddresses,
  onStopSignal,
  onUnhandledError,
  processConsole,
} from "./node_process.ts";

/** The platform of Node 20 and later. */
export function nodePlatform(): Platform {
  return nodeEngine({
    ...standardPlatform(),
    name: "Node",
    exit,
    onStopSignal,
    onUnhandledError,
    openWebSocket: (url, init) => new NodeClientWebSocket(url, init).asWebSocket(),
    files: nodeFiles(),
    console: processConsole(),
    localAddresses,
    nodeEngine: (own) => own,
  });
}
