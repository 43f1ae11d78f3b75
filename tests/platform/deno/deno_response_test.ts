import { assert, assertEquals } from "@std/assert";
import { denoPlatform } from "../../../src/platform/deno/deno_platform.ts";
import { textResponse } from "../../../src/platform/deno/deno_response.ts";
import { standardPlatform } from "../../../src/platform/standard_platform.ts";
import type { Platform } from "../../../src/platform/platform.ts";
import { RawSocket } from "../../support/raw_socket.ts";

const TYPES = [
  "text/html; charset=UTF-8",
  "text/plain;charset=UTF-8",
  "text/plain",
  "application/json",
  "image/svg+xml",
  "text/plain; name=caf\u00e9",
];
const BODIES = ["", "text", "caf\u00e9 \u{1f327}", "\ud800", "x".repeat(600), "x".repeat(70_000)];

/** What a client gets, without the date. */
async function onTheWire(platform: Platform, response: Response): Promise<string> {
  const server = platform.serve({
    port: 0,
    hostname: "127.0.0.1",
    onError: () => new Response(),
  }, () => response);
  using socket = await RawSocket.connect(server.addr.port ?? 0);
  await socket.write("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  const { status, headers, body } = await socket.readResponse();
  await server.shutdown();
  await server.finished;
  const fields = headers.map(([name, value]) => `${name.toLowerCase()}: ${value}`).sort();
  const content = new TextDecoder().decode(body ?? undefined);
  return [status, ...fields.filter((field) => !field.startsWith("date:")), content].join("\n");
}

Deno.test("text response is sent as one that the public interface makes", async () => {
  const platform = denoPlatform();
  for (const type of TYPES) {
    for (const body of BODIES) {
      const expected = new Response(body, { headers: { "content-type": type } });
      assertEquals(
        await onTheWire(platform, textResponse(body, type)),
        await onTheWire(platform, expected),
      );
    }
  }
});

Deno.test("text response reads as one that the public interface makes", async () => {
  for (const platform of [denoPlatform(), standardPlatform()]) {
    for (const type of TYPES) {
      for (const body of BODIES.slice(0, 3)) {
        const response = platform.textResponse(body, type);
        assertEquals([response.status, response.ok, response.bodyUsed], [200, true, false]);
        assertEquals([...response.headers], [["content-type", type]]);
        const copy = response.clone();
        assertEquals(await response.text(), body);
        assertEquals(response.bodyUsed, true);
        assertEquals([...copy.headers], [["content-type", type]]);
        assertEquals(await new Response(copy.body, copy).text(), body);
      }
    }
  }
});

Deno.test("text response whose fields are changed is sent with them", async () => {
  const response = textResponse("text", "text/html");
  response.headers.set("x-one", "1");
  response.headers.append("set-cookie", "a=1");
  response.headers.set("content-type", "text/css");
  const sent = await onTheWire(denoPlatform(), response);
  assertEquals(
    sent,
    "200\ncontent-length: 4\ncontent-type: text/css\nset-cookie: a=1\nx-one: 1\ntext",
  );
});

Deno.test("text response takes the runtime's short way", () => {
  const kept = (response: Response) =>
    Object.getOwnPropertySymbols(response)
      .map((symbol) => (response as unknown as Record<symbol, unknown>)[symbol])
      .filter((value) => typeof value !== "object" && typeof value !== "symbol");
  const json = kept(Response.json({}));
  const html = kept(textResponse("{}", "text/html"));
  assert(json.includes("application/json"));
  assertEquals(html, json.map((value) => value === "application/json" ? "text/html" : value));
});

Deno.test("text response is made by the public interface where the runtime keeps it otherwise", async () => {
  const { json } = Response;
  Response.json = () => new Response("{}");
  try {
    // A module of its own, since what was found out of the runtime is remembered.
    const another: typeof import("../../../src/platform/deno/deno_response.ts") = await import(
      new URL("../../../src/platform/deno/deno_response.ts?otherwise", import.meta.url).href
    );
    const response = another.textResponse("text", "text/html");
    assertEquals([...response.headers], [["content-type", "text/html"]]);
    assertEquals(await response.text(), "text");
  } finally {
    Response.json = json;
  }
});
