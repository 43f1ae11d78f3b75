import { assertEquals } from "@std/assert";
import { Application, RequestHandler } from "@gustnado/gustnado";
import { ApiApplication } from "../../examples/api_client.ts";
import { captureLogs, expectLog } from "../support/log_records.ts";
import { serve } from "../support/serve.ts";

class User extends RequestHandler {
  override get(name: string) {
    if (name === "nobody") this.sendError(404);
    else this.write({ name });
  }
}

Deno.test("handlers ask an API by await, by yield and by a list of yields", async () => {
  await using api = serve(new Application([["/users/:name", User]]));
  const app = new ApiApplication(api.origin);
  using _client = app.client;
  await using server = serve(app);
  const ask = async (path: string) => await (await fetch(server.origin + path)).json();
  assertEquals(await ask("/await/ann"), { user: { name: "ann" } });
  assertEquals(await ask("/yield/bob%20b"), { user: { name: "bob b" } });
  assertEquals(await ask("/friends/ann/bob"), { friends: [{ name: "ann" }, { name: "bob" }] });
});

Deno.test("a handler whose API fails answers with 500", async () => {
  using records = captureLogs();
  await using api = serve(new Application([["/users/:name", User]]));
  const app = new ApiApplication(api.origin);
  using _client = app.client;
  await using server = serve(app);
  for (const path of ["/await/nobody", "/yield/nobody", "/friends/ann/nobody"]) {
    const response = await fetch(server.origin + path);
    assertEquals(response.status, 500);
    await response.body?.cancel();
    await expectLog(records, "error", /HTTP 404: Not Found/);
  }
});
