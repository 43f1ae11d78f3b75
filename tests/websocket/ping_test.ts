import { assertEquals, assertThrows } from "@std/assert";
import { UnsupportedFeatureError } from "../../src/platform/unsupported_feature_error.ts";
import { Application } from "../../src/web/application.ts";
import type { ApplicationSettings } from "../../src/web/application_settings.ts";
import { WebSocketHandler } from "../../src/websocket/web_socket_handler.ts";
import { FakeServer } from "../support/fake_web_socket.ts";
import { captureLogs, expectLog } from "../support/log_records.ts";

class Idle extends WebSocketHandler {}

/** Settings, and when the runtime drops a peer that is silent. */
const TIMEOUTS: [settings: ApplicationSettings, idleTimeout: number][] = [
  [{}, 60_000],
  [{ websocketPingInterval: 1_000 }, 2_000],
  [{ websocketPingInterval: 1_000, websocketPingTimeout: 200 }, 1_200],
  [{ websocketPingTimeout: 5_000 }, 35_000],
  [{ websocketPingInterval: 0 }, 0],
  [{ websocketPingInterval: 0, websocketPingTimeout: 5 }, 0],
  [{ websocketPingInterval: Infinity }, 2 ** 31 - 1],
  [{ websocketPingInterval: 1, websocketPingTimeout: Infinity }, 2 ** 31 - 1],
];

for (const [settings, idleTimeout] of TIMEOUTS) {
  Deno.test(`silent peer is dropped after ${idleTimeout} ms with ${JSON.stringify(settings)}`, async () => {
    using server = new FakeServer(Idle, settings);
    await server.connect();
    assertEquals(server.idleTimeouts, [idleTimeout]);
  });
}

Deno.test("websocketPingTimeout is a number above 0", async () => {
  for (const value of [0, -1, NaN, "1"]) {
    assertThrows(
      () => new Application([], { websocketPingTimeout: value as number }),
      TypeError,
      `as the setting "websocketPingTimeout": expected a number above 0`,
    );
  }
  using records = captureLogs();
  class Hasty extends WebSocketHandler {
    override get pingTimeout() {
      return 0;
    }
  }
  using server = new FakeServer(Hasty);
  await server.connect().catch(() => {});
  await expectLog(records, "error", /Cannot use 0 as the pingTimeout of a WebSocket/);
});

Deno.test("onSlow of a handler that is no policy is an error", async () => {
  using records = captureLogs();
  class Wrong extends WebSocketHandler {
    override get onSlow() {
      return "explode" as "drop";
    }
  }
  using server = new FakeServer(Wrong);
  await server.connect().catch(() => {});
  await expectLog(records, "error", /Cannot use "explode" as the onSlow of a WebSocket/);
});

Deno.test("ping says that the runtime cannot, and what to use", async () => {
  let before: unknown;
  let handler: WebSocketHandler | undefined;
  class Pinging extends WebSocketHandler {
    override prepare() {
      before = assertThrows(() => this.ping());
    }
    override open() {
      handler = this;
      this.setNodelay(true);
    }
  }
  using server = new FakeServer(Pinging);
  await server.connect();
  assertEquals(
    String(before),
    "Error: Cannot ping(): the request is not a WebSocket yet; use open()",
  );
  assertThrows(
    () => handler?.ping("data"),
    UnsupportedFeatureError,
    "Cannot use ping() on the WebSockets of Deno: this runtime does not have it; use the setting " +
      "websocketPingInterval, with which it pings by itself",
  );
});
