import { assertEquals, assertMatch } from "@std/assert";
import { Application } from "../../src/web/application.ts";
import type { ListenOptions } from "../../src/server/settings.ts";
import { detectPlatform } from "../../src/platform/platform.ts";
import { captureLogs } from "../support/log_records.ts";

/** What the line of a server says, with its port as `PORT`. */
async function lineOf(options: ListenOptions, addresses: readonly string[] = []): Promise<string> {
  using records = captureLogs();
  const platform = { ...detectPlatform(), localAddresses: () => addresses };
  const app = new Application([], { platform });
  await using server = app.listen(0, { handleSignals: false, ...options });
  const [line = "", ...more] = records.messages("gustnado.general");
  assertEquals(more, []);
  return options.path === undefined ? line.replaceAll(String(server.port), "PORT") : line;
}

Deno.test("line of listen names what can be clicked", async () => {
  const all = "Listening on http://localhost:PORT/";
  assertEquals(await lineOf({}), all);
  assertEquals(await lineOf({}, ["192.0.2.7"]), `${all} (also http://192.0.2.7:PORT/)`);
  const one = { hostname: "127.0.0.1" };
  assertEquals(await lineOf(one, ["192.0.2.7"]), "Listening on http://127.0.0.1:PORT/");
});

Deno.test("line of listen leaves out what is the machine's own, or made up by a link", async () => {
  const line = await lineOf({}, ["127.0.0.1", "169.254.3.4", "10.0.0.1", "127.8.0.1"]);
  assertEquals(line, "Listening on http://localhost:PORT/ (also http://10.0.0.1:PORT/)");
});

Deno.test("line of listen has three other addresses at most", async () => {
  const line = await lineOf({}, ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"]);
  assertMatch(line, /192\.0\.2\.3:PORT\/\)$/);
});

Deno.test("line of listen knows https and addresses of IPv6", async () => {
  const tls = {
    cert: await Deno.readTextFile(new URL("../fixtures/tls/localhost.crt", import.meta.url)),
    key: await Deno.readTextFile(new URL("../fixtures/tls/localhost.key", import.meta.url)),
  };
  assertEquals(await lineOf(tls), "Listening on https://localhost:PORT/");
  assertEquals(await lineOf({ hostname: "::1" }), "Listening on http://[::1]:PORT/");
});

Deno.test({
  name: "line of listen names the path of a Unix socket",
  ignore: Deno.build.os === "windows",
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      assertEquals(await lineOf({ path: `${folder}/s` }), `Listening on unix:${folder}/s`);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
