import { assert, assertEquals, assertRejects } from "@std/assert";
import { Application } from "../../../src/web/application.ts";
import { RequestHandler } from "../../../src/web/request_handler.ts";
import { captureLogs, expectLog } from "../../support/log_records.ts";
import { bothWays } from "../../support/serve.ts";

/** Returns the response that `make` gives, at once or later. */
function returning(make: (handler: RequestHandler) => Response): typeof RequestHandler {
  return class extends RequestHandler {
    override get() {
      return make(this);
    }
    override async post() {
      await undefined;
      return make(this);
    }
  };
}

const METHODS = ["GET", "POST"];

bothWays("returned Response is sent as it is", [
  ["/", returning(() => new Response("body", { status: 418, headers: { "x-a": "1" } }))],
], async (fetch) => {
  for (const method of METHODS) {
    const response = await fetch("/", { method });
    assertEquals([response.status, response.headers.get("x-a"), await response.text()], [
      418,
      "1",
      "body",
    ]);
    assertEquals(response.headers.get("content-type"), "text/plain;charset=UTF-8");
  }
});

bothWays("what was set on the handler is added to a returned Response", [
  [
    "/",
    returning((handler) => {
      handler.setHeader("X-A", "handler");
      handler.addHeader("X-B", "1");
      handler.addHeader("X-B", "2");
      handler.setCookie("a", "handler");
      handler.setStatus(404);
      return new Response("body", {
        headers: [["x-a", "response"], ["x-c", "response"], ["set-cookie", "b=response"]],
      });
    }),
  ],
], async (fetch) => {
  for (const method of METHODS) {
    const { status, headers } = await fetch("/", { method });
    assertEquals(status, 200);
    assertEquals([headers.get("x-a"), headers.get("x-b"), headers.get("x-c")], [
      "handler",
      "1, 2",
      "response",
    ]);
    assertEquals(headers.getSetCookie(), ["b=response", "a=handler; Path=/"]);
  }
});

bothWays("headers can be added to a Response that cannot be changed", [
  [
    "/",
    returning((handler) => {
      handler.setHeader("X-A", "1");
      return Response.redirect("http://elsewhere.invalid/");
    }),
  ],
], async (fetch) => {
  const { status, headers } = await fetch("/");
  assertEquals([status, headers.get("x-a"), headers.get("location")], [
    302,
    "1",
    "http://elsewhere.invalid/",
  ]);
});

bothWays("HEAD of a returned Response has no body, and its stream is cancelled", [
  [
    "/",
    returning((handler) =>
      new Response(
        new ReadableStream({
          cancel: () => {
            handler.settings.logFunction?.(handler);
          },
        }),
        { headers: { "x-a": "1" } },
      )
    ),
  ],
], async (fetch) => {
  const response = await fetch("/", { method: "HEAD" });
  assertEquals([response.status, response.headers.get("x-a"), await response.text()], [
    200,
    "1",
    "",
  ]);
});

bothWays("returned stream is sent piece by piece", [
  [
    "/",
    returning(() =>
      new Response(
        ReadableStream.from(["gust", "nado"].map((text) => new TextEncoder().encode(text))),
      )
    ),
  ],
], async (fetch) => {
  assertEquals(await (await fetch("/")).text(), "gustnado");
});

for (const status of [204, 304]) {
  bothWays(`returned Response may have status ${status}`, [
    ["/", returning(() => new Response(null, { status }))],
  ], async (fetch) => {
    assertEquals((await fetch("/")).status, status);
  });
}

const used = async () => {
  const response = new Response("x");
  await response.text();
  return response;
};
const usedResponse = await used();

const REFUSED: [name: string, make: (handler: RequestHandler) => Response, message: RegExp][] = [
  ["Response.error()", () => Response.error(), /Cannot send Response\.error\(\)/],
  [
    "Response whose body was used",
    () => usedResponse,
    /Cannot send a Response whose body was used/,
  ],
  [
    "Response with a control character in a header",
    () => new Response("x", { headers: { "x-a": "a\u0001b" } }),
    /its header "x-a" has a control character/,
  ],
  ["Response after write()", (handler) => {
    handler.write("a");
    return new Response("b");
  }, /Cannot return a Response: the handler has written one of its own/],
];

for (const [name, make, message] of REFUSED) {
  bothWays(`${name} is a 500, logged once`, [["/", returning(make)]], async (fetch) => {
    for (const method of METHODS) {
      using records = captureLogs();
      assertEquals((await fetch("/", { method })).status, 500);
      await expectLog(records, "error", message);
      assertEquals(records.messages("gustnado.application").length, 1);
    }
  });
}

bothWays("stream that fails breaks the response off", [
  [
    "/",
    returning(() =>
      new Response(
        new ReadableStream({
          start: (controller) => controller.enqueue(new Uint8Array(3)),
          pull: (controller) => controller.error(new Error("midway")),
        }),
      )
    ),
  ],
], async (fetch, { name }) => {
  using records = captureLogs();
  await assertRejects(async () => await (await fetch("/")).bytes());
  // In process the reader hears of it; on a server nobody else would.
  if (name.endsWith("(over a socket)")) await expectLog(records, "error", /midway/);
});

bothWays("Response may come out of prepare, and onFinish runs", [
  [
    "/",
    class extends RequestHandler {
      override prepare() {
        return new Response("prepared");
      }
      override get() {
        throw new Error("never");
      }
      override onFinish() {
        assert(this.finished);
      }
    },
  ],
], async (fetch) => {
  assertEquals(await (await fetch("/")).text(), "prepared");
});

for (const headers of [{}, { "x-a": "1" }]) {
  const statuses: number[] = [];
  bothWays(
    `log has the status of a returned Response with ${JSON.stringify(headers)}`,
    () =>
      new Application([
        [
          "/",
          returning((handler) => {
            if ("x-a" in headers) handler.setHeader("X-B", "1");
            return new Response("body", { status: 418, headers });
          }),
        ],
      ], { logFunction: (handler) => void statuses.push(handler.getStatus()) }),
    async (fetch) => {
      statuses.length = 0;
      assertEquals((await fetch("/")).status, 418);
      assertEquals(statuses, [418]);
    },
  );
}
