import { assertEquals, assertFalse } from "@std/assert";
import { detectPlatform, type Platform } from "../../../src/platform/platform.ts";
import { Application } from "../../../src/web/application.ts";
import type { Middleware } from "../../../src/web/middleware/middleware.ts";
import type { RequestContext } from "../../../src/web/middleware/request_context.ts";
import type { HTTPServerRequest } from "../../../src/web/request/http_server_request.ts";
import { RequestHandler } from "../../../src/web/request_handler.ts";
import fc from "fast-check";
import { packedHeader, unpackHeaders } from "../../../src/web/request/incoming_request.ts";

/** The runtime at hand, and which header fields were read from it. */
function countingPlatform(): { platform: Platform; read: string[] } {
  const runtime = detectPlatform();
  const read: string[] = [];
  const requestHeader = (request: Request, name: string) => {
    read.push(name);
    return runtime.requestHeader(request, name);
  };
  return { platform: { ...runtime, requestHeader }, read };
}

class ClientHandler extends RequestHandler {
  override get() {
    const { remoteIp, host } = this.request;
    this.write(`${remoteIp} ${host}`);
  }
}

function requestBehindProxy(): Request {
  const headers = { host: "example.com", "x-forwarded-for": "4.4.4.4", "x-name": "outer" };
  return new Request("http://example.com/", { headers });
}

Deno.test("what middleware has read of the client and the host is not read again", async () => {
  const { platform, read } = countingPlatform();
  const logsClient: Middleware = (_request, next, context) => {
    void [context.remoteIp, context.host, context.remoteIp, context.host];
    return next();
  };
  const middleware = [logsClient, logsClient];
  const app = new Application([["/", ClientHandler]], { middleware, platform, xheaders: true });
  const response = await app.fetch(requestBehindProxy());
  assertEquals(await response.text(), "4.4.4.4 example.com");
  for (const name of ["host", "x-forwarded-for", "x-real-ip"]) {
    assertEquals(read.filter((one) => one === name), [name]);
  }
});

Deno.test("handler reads the Request that middleware passes on, middleware the one that came", async () => {
  const names: (string | null)[] = [];
  const renames: Middleware = async (request, next, context) => {
    const headers = new Headers(request.headers);
    headers.set("x-name", "inner");
    const response = await next(new Request(request, { headers }));
    names.push(context.header("x-name"));
    return response;
  };
  class NameHandler extends RequestHandler {
    override get() {
      this.write(this.request.header("x-name") ?? "nobody");
    }
  }
  const app = new Application([["/", NameHandler]], { middleware: [renames] });
  assertEquals(await (await app.fetch(requestBehindProxy())).text(), "inner");
  assertEquals(names, ["outer"]);
});

Deno.test("request shows handlers what is theirs, and nothing of the life cycle", () => {
  // A member that is missing here, or too many, is an error of the type check.
  const members: Record<keyof HTTPServerRequest, true> = {
    arguments: true,
    body: true,
    bodyArguments: true,
    completed: true,
    connection: true,
    cookies: true,
    files: true,
    fullUrl: true,
    header: true,
    headers: true,
    hideQuery: true,
    host: true,
    hostName: true,
    json: true,
    loggedUri: true,
    maxBodySize: true,
    method: true,
    path: true,
    problem: true,
    protocol: true,
    query: true,
    queryArguments: true,
    raw: true,
    remoteIp: true,
    requestId: true,
    requestTime: true,
    setMaxBodySize: true,
    signal: true,
    stream: true,
    text: true,
    toJSON: true,
    toString: true,
    uri: true,
    user: true,
    version: true,
  };
  assertEquals(Object.keys(members).length, 35);
});

Deno.test("context shows middleware what is its own, and nothing of the life cycle", () => {
  const members: Record<keyof RequestContext, true> = {
    abandon: true,
    answer: true,
    completed: true,
    cspNonce: true,
    environment: true,
    header: true,
    host: true,
    protocol: true,
    raw: true,
    remoteAddr: true,
    remoteIp: true,
    requestId: true,
    user: true,
    waitUntil: true,
  };
  assertEquals(Object.keys(members).length, 14);
});

Deno.test("request and context that are printed do not give their headers away", async () => {
  const printed: string[] = [];
  const prints: Middleware = async (_request, next, context) => {
    const response = await next();
    printed.push(Deno.inspect(context, { depth: 10 }));
    return response;
  };
  class PrintHandler extends RequestHandler {
    override async get() {
      await undefined;
      printed.push(Deno.inspect(this.request.connection, { depth: 10 }));
      printed.push(Deno.inspect(this.request, { depth: 10 }));
    }
  }
  const app = new Application([["/", PrintHandler]], { middleware: [prints] });
  const headers = { cookie: "user=secret", authorization: "Bearer secret" };
  await app.fetch(new Request("http://localhost/", { headers }));
  assertEquals(printed.length, 3);
  for (const text of printed) assertFalse(text.includes("secret"), text);
});

const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,8}$/);
const value = fc.stringMatching(/^([!-~\u0080-\u00ff]([ -~\u0080-\u00ff]*[!-~\u0080-\u00ff])?)?$/);

Deno.test("packed fields are what Headers makes of them", () => {
  fc.assert(fc.property(fc.array(fc.tuple(name, value)), (fields) => {
    const packed = fields.map((field) => field.join("\n")).join("\n");
    const headers = new Headers(fields);
    assertEquals([...unpackHeaders(packed)], [...headers]);
    for (const [name] of fields) {
      for (const asked of [name, name.toLowerCase(), name.toUpperCase()]) {
        assertEquals(packedHeader(packed, asked), headers.get(asked));
      }
    }
    assertEquals(packedHeader(packed, "x-absent-field"), null);
  }));
});

Deno.test("packed fields may be none, or empty", () => {
  assertEquals([...unpackHeaders("")], []);
  assertEquals(packedHeader("", "x"), null);
  assertEquals(packedHeader("x\n", "x"), "");
});
