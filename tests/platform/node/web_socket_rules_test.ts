/**
 * The rules of WebSockets, once more by the engine "node". What is otherwise there stands in `../deno/`:
 * frames without a mask, and limits of what is unsent that hold to the byte.
 */
import { serveBy } from "../../support/serve.ts";
import "../../websocket/backpressure_test.ts";
import "../../websocket/disconnect_test.ts";
import "../../websocket/frames_test.ts";
import "../../websocket/handshake_test.ts";
import "../../websocket/hooks_test.ts";
import "../../websocket/limits_test.ts";
import "../../websocket/origin_test.ts";
import "../../websocket/shutdown_test.ts";
import "../../websocket/subprotocol_test.ts";
import "../../websocket/upgrade_test.ts";
import "../../websocket/write_message_test.ts";

serveBy("node");
