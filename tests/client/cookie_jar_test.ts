import { assertEquals } from "@std/assert";
import { CookieJar } from "tough-cookie";
import { Application, AsyncHTTPClient, RequestHandler } from "../../mod.ts";
import { serve } from "../support/serve.ts";

class Login extends RequestHandler {
  override get() {
    this.setCookie("user", "storm");
    this.setCookie("hidden", "1", { path: "/other" });
    this.redirect("/show");
  }
}

class Show extends RequestHandler {
  override get() {
    this.write(this.request.header("cookie") ?? "none");
  }
}

const app = () => new Application([["/login", Login], ["/show", Show]]);

Deno.test("cookie jar keeps what a redirect sets, and sends it where it belongs", async () => {
  await using server = serve(app(), { hostname: "0.0.0.0" });
  using client = new AsyncHTTPClient({ cookieJar: new CookieJar() });
  assertEquals((await client.fetch(`${server.origin}/login`)).text(), "user=storm");
  const headers = { cookie: "own=1" };
  const response = await client.fetch(`${server.origin}/show`, { headers });
  assertEquals(response.text(), "own=1; user=storm");
  const elsewhere = `http://127.0.0.2:${server.port}/show`;
  assertEquals((await client.fetch(elsewhere)).text(), "none");
});

Deno.test("client without a jar keeps no cookies", async () => {
  await using server = serve(app());
  using client = new AsyncHTTPClient();
  assertEquals((await client.fetch(`${server.origin}/login`)).text(), "none");
});
