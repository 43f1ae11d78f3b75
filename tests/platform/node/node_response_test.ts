/** The responses of the engine "node" that stand for real ones. */
import { assertEquals } from "@std/assert";
import { Application, type Middleware, RequestHandler } from "@gustnado/gustnado";
import { NodeResponse, textResponse } from "../../../src/platform/node/node_response.ts";
import { useResponses } from "../../fixtures/response_uses.ts";
import { rawRequest } from "../../support/raw_socket.ts";

for (
  const [text, type] of [["hé", "text/html; charset=UTF-8"], ["", "text/plain"], ["{}", "x/y"]]
) {
  Deno.test(`text response behaves as a Response: ${JSON.stringify(text)}`, async () => {
    const real = () => new Response(text, { headers: { "content-type": type ?? "" } });
    const ours = await useResponses(() => textResponse(text ?? "", type ?? ""));
    assertEquals(ours, await useResponses(real));
  });
}

class Text extends RequestHandler {
  override get() {
    this.write("hé");
  }
}

type Fields = Readonly<Record<string, string | null>>;

/** What a middleware makes of the response, and what the client has to get. */
const MADE: Readonly<Record<string, [Middleware, status: number, text: string, fields: Fields]>> = {
  "the same": [(_request, next) => next(), 200, "hé", { "content-length": "3" }],
  "one field more": [
    async (request, next) => {
      const response = await next(request);
      response.headers.append("x-one", "1");
      return response;
    },
    200,
    "hé",
    { "x-one": "1", "content-length": "3" },
  ],
  "another one of its body": [
    async (request, next) => {
      const response = await next(request);
      return new Response(response.body, { status: 202, headers: response.headers });
    },
    202,
    "hé",
    { "content-type": "text/html; charset=UTF-8" },
  ],
  "another one of its text": [
    async (request, next) => new Response(`<${await (await next(request)).text()}>`),
    200,
    "<hé>",
    { "content-length": "5" },
  ],
  "its clone": [
    async (request, next) => (await next(request)).clone(),
    200,
    "hé",
    { "content-length": "3" },
  ],
  "itself, of which a clone was read": [
    async (request, next) => {
      const response = await next(request);
      await response.clone().text();
      return response;
    },
    200,
    "hé",
    { "content-type": "text/html; charset=UTF-8" },
  ],
  "a length that is declared": [
    async (request, next) => {
      const response = await next(request);
      response.headers.set("content-length", "3");
      return response;
    },
    200,
    "hé",
    { "content-length": "3" },
  ],
};

for (const [made, [middleware, status, text, fields]] of Object.entries(MADE)) {
  Deno.test(`engine node sends what a middleware makes of a text: ${made}`, async () => {
    const app = new Application([["/", Text]], { middleware: [middleware] });
    await using server = app.listen(0, { hostname: "127.0.0.1", engine: "node" });
    const request = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    const answer = await rawRequest(server.port, request);
    assertEquals(answer.status, status);
    assertEquals(answer.text, text);
    for (const [name, value] of Object.entries(fields)) assertEquals(answer.header(name), value);
  });
}

Deno.test("text is one of the engine's own on Deno, too, and of the runtime's without it", async () => {
  const seen: boolean[] = [];
  const look: Middleware = async (request, next) => {
    const response = await next(request);
    seen.push((response as object) instanceof NodeResponse);
    return response;
  };
  const app = new Application([["/", Text]], { middleware: [look] });
  for (const engine of ["node", "native"] as const) {
    await using server = app.listen(0, { hostname: "127.0.0.1", engine });
    await rawRequest(server.port, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  }
  await (await app.fetch(new Request("http://localhost/"))).text();
  assertEquals(seen, [true, false, false]);
});
