import { assert, assertEquals, assertMatch } from "@std/assert";
import { Application } from "../../src/web/application.ts";
import { detectPlatform, type Platform } from "../../src/platform/platform.ts";
import { RequestHandler } from "../../src/web/request_handler.ts";
import { freePort } from "../support/child_server.ts";
import { captureLogs, expectLog } from "../support/log_records.ts";
import { poll } from "../support/poll.ts";
import { rawRequest } from "../support/raw_socket.ts";

const CONFIG = new URL("../../deno.json", import.meta.url).pathname;
const PROGRAM = new URL("../fixtures/served_life.ts", import.meta.url).pathname;

async function get(port: number, path: string): Promise<string> {
  return (await rawRequest(port, `GET ${path} HTTP/1.1\r\nHost: h\r\n\r\n`)).text;
}

for (const flags of [[], ["--parallel"]]) {
  Deno.test({
    name: `deno serve ${flags.join()} starts the application, outlives its slips, and ends it`,
    ignore: Deno.build.os === "windows",
    fn: async () => {
      const port = freePort();
      const place = ["--host=127.0.0.1", `--port=${port}`, "--config", CONFIG];
      const args = ["serve", "--quiet", "--no-check", "--allow-env", ...flags, ...place, PROGRAM];
      const env = { NO_COLOR: "1", DENO_JOBS: "2" };
      const child = new Deno.Command(Deno.execPath(), {
        args,
        env,
        stdout: "piped",
        stderr: "piped",
      })
        .spawn();
      const output = child.output();
      let ended = false;
      output.then(() => ended = true);
      try {
        assert(await poll(() => get(port, "/x").then((text) => text === "done", () => ended)));
        assertEquals(await get(port, "/forgotten"), "done");
        // Its rejection was seen to when a later timer of the same process has fired.
        for (let i = 0; i < 10; i++) assertEquals(await get(port, "/x"), "done");
      } finally {
        child.kill("SIGTERM");
      }
      const { code, stdout, stderr } = await output;
      const lines = new TextDecoder().decode(stdout).split("\n").map((line) =>
        line.replace(/^\[.*?\] /, "")
      );
      assertEquals(code, 0);
      // With several threads, each that has had a request starts an application of its own.
      assertEquals(lines[0], "started");
      assert(lines.includes("callback"));
      const errors = new TextDecoder().decode(stderr);
      assertMatch(errors, /Unhandled rejection: .*Handler\.work\(\) is called Error: a lost/);
    },
  });
}

/** A platform whose runtime has made the server, and whose process only says that it ends. */
function servedBy(events: string[]): { platform: Platform; stop: () => Promise<void> } {
  let onSignal = (_signal: number) => {};
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const platform: Platform = {
    ...detectPlatform(),
    calledByRuntimeServer: () => true,
    onUnhandledError: () => () => {},
    onStopSignal: (callback) => {
      onSignal = callback;
      return () => {};
    },
    exit: (code) => {
      events.push(`exit ${code}`);
      end();
      return undefined as never;
    },
  };
  return {
    platform,
    stop() {
      onSignal(15);
      return ended;
    },
  };
}

for (const settles of [true, false]) {
  Deno.test(`deno serve ${settles ? "waits for" : "gives up"} an onFinish before the callbacks of onShutdown`, async () => {
    using records = captureLogs();
    const events: string[] = [];
    const { platform, stop } = servedBy(events);
    const finishing = Promise.withResolvers<void>();
    class Handler extends RequestHandler {
      override get() {
        this.write("ok");
      }
      override async onFinish() {
        await finishing.promise;
        events.push("finished");
      }
    }
    const app = new Application([["/", Handler]], { platform, graceMs: 0 });
    app.onShutdown(() => void events.push("callback"));
    const response = await app.fetch(new Request("http://localhost/"));
    assertEquals(await response.text(), "ok");
    const ended = stop();
    if (settles) setTimeout(() => finishing.resolve(), 0);
    await ended;
    assertEquals(events, settles ? ["finished", "callback", "exit 0"] : ["callback", "exit 1"]);
    if (settles) return;
    await expectLog(records, "warning", /Gave up an onFinish\(\)/);
    finishing.resolve();
  });
}

class Failing extends Application {
  tries = 0;
  override onStart(): void | Promise<void> {
    this.tries++;
    if (this.tries === 1) throw new Error("not yet");
    if (this.tries === 2) return Promise.reject(new Error("still not"));
  }
}

Deno.test("fetch of an application that does not start answers 503, and tries again", async () => {
  using records = captureLogs();
  const app = new Failing();
  const statuses: number[] = [];
  for (let i = 0; i < 4; i++) {
    const response = await app.fetch(new Request("http://localhost/"));
    statuses.push(response.status);
    await response.body?.cancel();
  }
  assertEquals(statuses, [503, 503, 404, 404]);
  assertEquals(app.tries, 3);
  await expectLog(records, "error", /onStart\(\) failed.*not yet/s);
  await expectLog(records, "error", /onStart\(\) failed.*still not/s);
});

Deno.test("application without onStart answers its first request at once", () => {
  assert(new Application().fetch(new Request("http://localhost/")) instanceof Response);
});
