/** What never answers holds no shutdown beyond its grace. */
import { assert } from "@std/assert";
import { Application } from "../../src/web/application.ts";
import type { ApplicationSettings } from "../../src/web/application_settings.ts";
import { basicAuth } from "../../src/web/middleware/basic_auth.ts";
import { cors } from "../../src/web/middleware/cors.ts";
import { MemoryRateLimitStore } from "../../src/web/middleware/memory_rate_limit_store.ts";
import { rateLimit } from "../../src/web/middleware/rate_limit.ts";
import { RequestHandler } from "../../src/web/request_handler.ts";
import { MemorySessionStore } from "../../src/web/session/memory_session_store.ts";
import { SessionMixin } from "../../src/web/session/session_mixin.ts";
import { WebSocketHandler } from "../../src/websocket/web_socket_handler.ts";
import { captureLogs } from "../support/log_records.ts";
import { RawSocket } from "../support/raw_socket.ts";
import { serve } from "../support/serve.ts";

let asked = Promise.withResolvers<void>();

function never(): Promise<never> {
  asked.resolve();
  return new Promise(() => {});
}

class Visit extends SessionMixin(RequestHandler) {
  override get() {
    this.session.set("n", 1);
  }
}

class Finishing extends RequestHandler {
  override get() {
    this.write("ok");
  }
  override onFinish() {
    return never();
  }
}

class Opening extends WebSocketHandler {
  override open() {
    return never();
  }
}

class Closing extends WebSocketHandler {
  override open() {
    asked.resolve();
  }
  override onClose() {
    return never();
  }
}

function sessions(method: string): ApplicationSettings {
  const store = new MemorySessionStore();
  Object.defineProperty(store, method, { value: never });
  return { session: { store } };
}

function limits(): ApplicationSettings {
  const store = new MemoryRateLimitStore();
  Object.defineProperty(store, "take", { value: never });
  return { middleware: [rateLimit({ limit: 1, store })] };
}

const SCENES: Readonly<Record<string, ApplicationSettings>> = {
  "session store's load()": sessions("load"),
  "session store's replace()": sessions("replace"),
  "store of rateLimit()": limits(),
  "key of rateLimit()": { middleware: [rateLimit({ limit: 1, key: never })] },
  "verify of basicAuth()": { middleware: [basicAuth({ verify: never })] },
  "origin of cors()": { middleware: [cors({ origin: never })] },
  "a middleware": { middleware: [never] },
  "onFinish()": {},
  "a WebSocket's open()": {},
  "a WebSocket's onClose()": {},
};

const UPGRADE = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
  "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";
const TARGETS: Readonly<Record<string, string>> = {
  "onFinish()": "/finish",
  "a WebSocket's open()": "/open",
  "a WebSocket's onClose()": "/close",
};

for (const [name, settings] of Object.entries(SCENES)) {
  Deno.test(`${name} that never settles holds no shutdown beyond its grace`, async () => {
    using records = captureLogs();
    asked = Promise.withResolvers();
    const app = new Application([
      ["/", Visit],
      ["/finish", Finishing],
      ["/open", Opening],
      ["/close", Closing],
    ], { session: { store: new MemorySessionStore() }, websocketCloseTimeout: 50, ...settings });
    await using served = serve(app);
    using socket = await RawSocket.connect(served.port);
    const target = TARGETS[name] ?? "/";
    const upgrade = target === "/open" || target === "/close" ? UPGRADE : "";
    await socket.write(
      `GET ${target} HTTP/1.1\r\nHost: h\r\nOrigin: http://h\r\n${upgrade}` +
        `Authorization: Basic ${btoa("a:b")}\r\nCookie: session=${"A".repeat(43)}\r\n\r\n`,
    );
    await asked.promise;
    const begun = performance.now();
    await served.server.shutdown({ graceMs: 100 });
    const ms = performance.now() - begun;
    // One second more is what a shutdown may take after its grace.
    assert(ms < 2_500, `It took ${ms} ms`);
    for (const record of records.all) {
      await records.expect((each) => each === record, { description: record.message });
    }
  });
}
