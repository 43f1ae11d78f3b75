import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Application, AsyncHTTPClient, HTTPRequest, RequestHandler } from "../../mod.ts";
import { serve } from "../support/serve.ts";

/** Tells what it was sent. */
class Echo extends RequestHandler {
  override put() {
    this.post();
  }
  override post() {
    const { request } = this;
    this.write({
      type: request.header("content-type"),
      length: request.header("content-length"),
      body: new TextDecoder().decode(request.body),
    });
  }
}

/** Sends on to the echo, with the method and the body. */
class Elsewhere extends RequestHandler {
  override post() {
    this.redirect("/", { status: 307 });
  }
}

const app = () => new Application([["/", Echo], ["/elsewhere", Elsewhere]]);

for (
  const [value, body] of [
    [{ a: ["\u00fc", 1, null] }, '{"a":["\u00fc",1,null]}'],
    [[], "[]"],
    ["text", '"text"'],
    [null, "null"],
    [0, "0"],
    [false, "false"],
    [{ toJSON: () => 7 }, "7"],
  ] as const
) {
  Deno.test(`json sends ${body} with its content type`, async () => {
    await using server = serve(app());
    using client = new AsyncHTTPClient();
    for (const method of ["POST", "PUT"]) {
      const response = await client.fetch(server.origin, { method, json: value });
      assertEquals(response.json(), {
        type: "application/json",
        length: String(new TextEncoder().encode(body).length),
        body,
      });
    }
  });
}

Deno.test("json leaves a content type that is given, and goes along with a redirect", async () => {
  await using server = serve(app());
  using client = new AsyncHTTPClient();
  const headers = { "Content-Type": "application/ld+json" };
  const own = await client.fetch(server.origin, { method: "POST", json: {}, headers });
  assertEquals(own.json(), { type: "application/ld+json", length: "2", body: "{}" });
  const moved = await client.fetch(`${server.origin}/elsewhere`, { method: "POST", json: [1] });
  assertEquals(moved.json(), { type: "application/json", length: "3", body: "[1]" });
});

Deno.test("json is what it was when the request was made", () => {
  const value = { a: 1 };
  const request = new HTTPRequest("http://a/", { method: "POST", json: value });
  value.a = 2;
  assertEquals(request.body, '{"a":1}');
});

Deno.test("json stands alone: a second body, or a method without one, is refused", async () => {
  using client = new AsyncHTTPClient();
  const post = (options: object) => client.fetch("http://a/", { method: "POST", ...options });
  await assertRejects(
    () => post({ json: {}, body: "x" }),
    TypeError,
    "Cannot send both body and json with POST; give one of them",
  );
  await assertRejects(
    () => post({ json: {}, bodyProducer: () => {} }),
    TypeError,
    "Cannot send both json and bodyProducer with POST; give one of them",
  );
  await assertRejects(
    () => client.fetch("http://a/", { json: {} }),
    TypeError,
    "Cannot send a body with GET; use another method",
  );
});

Deno.test("what cannot be JSON is refused, and not shown", () => {
  const circle: Record<string, unknown> = { secret: "hush" };
  circle["self"] = circle;
  for (const json of [circle, { a: 1n }, () => "hush", Symbol("hush")]) {
    const error = assertThrows(
      () => new HTTPRequest("http://a/", { method: "POST", json }),
      TypeError,
      'Cannot send the option "json" of a request: ',
    );
    assert(!error.message.includes("hush"), error.message);
  }
});
