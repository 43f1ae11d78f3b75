import { assert, assertEquals, assertThrows } from "@std/assert";
import { standardPlatform } from "../../src/platform/standard_platform.ts";
import { standardPlatform as platformOnWorkers } from "../../src/platform/standard_platform_on_workers.ts";
import { takeOver } from "../../src/platform/web_socket_upgrade_on_workers.ts";
import { workersPlatform } from "../../src/platform/workers/workers_platform.ts";
import { UnsupportedFeatureError } from "../../src/platform/unsupported_feature_error.ts";
import { Application } from "../../src/web/application.ts";
import { RequestHandler } from "../../src/web/request_handler.ts";

const platform = standardPlatform();

class EchoHandler extends RequestHandler {
  override get() {
    this.write(`${this.request.header("x-a")} ${this.request.remoteIp} ${this.request.host}`);
  }
  override post() {
    this.write(this.request.text());
  }
}

Deno.test("application answers on a runtime of which nothing is known", async () => {
  const app = new Application([["/", EchoHandler]], { platform });
  const headers = { "x-a": "1" };
  const got = await app.fetch(new Request("http://example.com/", { headers }));
  assertEquals(await got.text(), "1 0.0.0.0 example.com");
  const posted = await app.fetch(new Request("http://example.com/", { method: "POST", body: "x" }));
  assertEquals(await posted.text(), "x");
});

Deno.test("listening is an error that names the way out", () => {
  const app = new Application([], { platform });
  assertThrows(
    () => app.listen(0),
    UnsupportedFeatureError,
    "Cannot use a listening server: this runtime does not have it; use Deno, or export",
  );
});

const MISSING: Record<string, () => unknown> = {
  WebSockets: () => platform.upgradeWebSocket(new Request("http://a/"), { idleTimeout: 0 }),
  "the end of the process": () => platform.exit(0),
  files: () => platform.files.stat("/"),
};

for (const [feature, use] of Object.entries(MISSING)) {
  Deno.test(`use of ${feature} is an error that names it`, () => {
    const error = assertThrows(use, UnsupportedFeatureError, `Cannot use ${feature}: this runtime`);
    assertEquals(error.name, "UnsupportedFeatureError");
  });
}

Deno.test("what no runtime has to do is done by nobody", () => {
  platform.onStopSignal(() => {})();
  platform.terminate(Object.create(null));
  assertEquals(platform.bufferedBody(new Request("http://a/")), null);
});

Deno.test("workers platform lacks what the web lacks", () => {
  const platform = workersPlatform();
  assertEquals(platform.name, "workerd");
  assertThrows(() => platform.exit(0), UnsupportedFeatureError, "the end of the process");
});

Deno.test("standard platform has the console of Node where there is one", () => {
  const { console, localAddresses } = standardPlatform();
  assertEquals(console.variable("GUSTNADO_NO_SUCH_VARIABLE"), undefined);
  assert(console.inspect(new RangeError("calm")).includes("RangeError: calm"));
  assertEquals(typeof console.isTerminal(), "boolean");
  assertEquals(typeof console.noColor(), "boolean");
  assert(localAddresses().every((address) => /^[\d.]+$/.test(address)));
});

for (const [made, platform] of Object.entries({ standardPlatform, platformOnWorkers })) {
  Deno.test(`${made} answers what the web knows, and no more`, () => {
    const request = new Request("http://a/", { headers: { "x-a": "1" } });
    const made = platform();
    assertEquals(made.requestHeader(request, "x-a"), "1");
    assertEquals([made.packHeaders(request), made.bufferedBody(request)], [null, null]);
    assertEquals(made.textResponse("a", "text/plain").headers.get("content-type"), "text/plain");
    assertEquals(made.isUpgrade(request, new Response()), false);
    assertEquals(made.calledByRuntimeServer(), false);
    made.onUnhandledError(() => {})();
    assertThrows(() => made.exit(0), UnsupportedFeatureError, "Cannot use the end of the process:");
    assertThrows(() => made.files.stat("/"), UnsupportedFeatureError, "Cannot use files:");
    assert(made.console.inspect(new RangeError("calm")).includes("RangeError: calm"));
    assertEquals(made.console.variable("GUSTNADO_NO_SUCH_VARIABLE"), undefined);
  });
}

Deno.test("a platform with sockets of its own takes them over in its own way, on Workers, too", () => {
  const upgrade = { socket: Object.create(null), response: new Response() };
  const platform = { ...standardPlatform(), upgradeWebSocket: () => upgrade };
  const request = new Request("http://a/");
  assertEquals(takeOver(platform, request, { idleTimeout: 0, maxMessageSize: 1 }), upgrade);
});
