import { assertEquals } from "@std/assert";
import { HTTPError } from "../../src/web/http_error.ts";
import { RequestHandler } from "../../src/web/request_handler.ts";
import { Application } from "../../src/web/application.ts";
import { captureLogs } from "../support/log_records.ts";
import { rawRequest } from "../support/raw_socket.ts";
import { bothWays, serve } from "../support/serve.ts";

const VERBS = ["GET", "HEAD", "POST", "DELETE", "PATCH", "PUT", "OPTIONS"];

class EveryHandler extends RequestHandler {
  override get() {
    this.#answer("get");
  }
  override head() {
    this.#answer("head");
  }
  override post() {
    this.#answer("post");
  }
  override delete() {
    this.#answer("delete");
  }
  override patch() {
    this.#answer("patch");
  }
  override put() {
    this.#answer("put");
  }
  override options() {
    this.#answer("options");
  }
  #answer(name: string) {
    this.setHeader("X-Verb", name);
    this.write(name);
  }
}

for (const method of VERBS) {
  bothWays(`${method} is answered by its method`, [["/", EveryHandler]], async (fetch) => {
    const response = await fetch("/", { method });
    assertEquals(response.headers.get("x-verb"), method.toLowerCase());
    assertEquals(await response.text(), method === "HEAD" ? "" : method.toLowerCase());
  });

  bothWays(`${method} without a method is a 405`, [["/", RequestHandler]], async (fetch) => {
    const response = await fetch("/", { method });
    assertEquals([response.status, response.headers.get("allow")], [405, ""]);
  });
}

class GetPostHandler extends RequestHandler {
  override get() {
    this.setHeader("X-Verb", "get");
    this.write("a body of 20 letters");
  }
  override post() {
    this.write("post");
  }
}

bothWays("405 names the methods that are allowed", [["/", GetPostHandler]], async (fetch) => {
  const response = await fetch("/", { method: "PUT" });
  assertEquals([response.status, response.headers.get("allow")], [405, "GET, HEAD, POST"]);
});

bothWays("HEAD is answered by get, without its body but with its length", [
  ["/", GetPostHandler],
], async (fetch) => {
  const response = await fetch("/", { method: "HEAD" });
  assertEquals(
    [response.status, response.headers.get("x-verb"), await response.text()],
    [200, "get", ""],
  );
  assertEquals(response.headers.get("content-length"), "20");
});

bothWays("HEAD keeps a length that the handler has set", [
  [
    "/",
    class extends RequestHandler {
      override head() {
        this.setHeader("Content-Length", 12345);
      }
    },
  ],
], async (fetch) => {
  assertEquals((await fetch("/", { method: "HEAD" })).headers.get("content-length"), "12345");
});

bothWays("HEAD of an error has no body", [
  [
    "/",
    class extends RequestHandler {
      override get() {
        throw new HTTPError(404);
      }
    },
  ],
], async (fetch) => {
  const response = await fetch("/", { method: "HEAD" });
  assertEquals([response.status, await response.text()], [404, ""]);
});

bothWays("prepare may answer a method that has no verb of its own", [
  [
    "/",
    class extends RequestHandler {
      override prepare() {
        this.finish("prepared");
      }
    },
  ],
], async (fetch) => {
  assertEquals(await (await fetch("/", { method: "DELETE" })).text(), "prepared");
});

class FewHandler extends EveryHandler {
  static override readonly supportedMethods = ["GET", "PROPFIND"];
  propfind() {
    this.write("propfind");
  }
}

bothWays("supportedMethods decides which methods reach the handler", [
  ["/", FewHandler],
], async (fetch) => {
  assertEquals(await (await fetch("/", { method: "PROPFIND" })).text(), "propfind");
  const refused = await fetch("/", { method: "POST" });
  assertEquals([refused.status, refused.headers.get("allow")], [405, "GET, PROPFIND"]);
});

bothWays("supportedMethods of * lets every method through to prepare", [
  [
    "/",
    class extends RequestHandler {
      static override readonly supportedMethods: readonly string[] = ["*"];
      override prepare() {
        this.finish(this.request.method);
      }
    },
  ],
], async (fetch) => {
  assertEquals(await (await fetch("/", { method: "PURGE" })).text(), "PURGE");
});

class TrapHandler extends EveryHandler {
  secret() {
    this.write("secret");
  }
}

/** What a client may try to make a member of: none of these may be called. */
const NAMES = [
  "constructor",
  "CONSTRUCTOR",
  "initialize",
  "INITIALIZE",
  "prepare",
  "PREPARE",
  "onFinish",
  "secret",
  "SECRET",
  "write",
  "__proto__",
  "toString",
  "hasOwnProperty",
  "get",
  "post",
  "Get",
  "patch",
  "*",
  "application",
  "currentUser",
];

Deno.test("method that is named like a member is a 405", async () => {
  using _records = captureLogs();
  await using server = serve(new Application([["/", TrapHandler]]));
  for (const name of NAMES) {
    const request = `${name} / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n`;
    const response = await rawRequest(server.port, request);
    assertEquals([name, response.status], [name, 405]);
    assertEquals(response.header("allow"), VERBS.join(", "));
  }
});

Deno.test("class that adds a method to a base class which answered before answers it", async () => {
  class Base extends RequestHandler {
    override get() {
      this.write("base");
    }
  }
  class Derived extends Base {
    override post() {
      this.write("derived");
    }
  }
  const app = new Application([["/base", Base], ["/derived", Derived], [
    "/frozen",
    Object.freeze(class extends Derived {}),
  ]]);
  const ask = async (path: string, method: string) => {
    const response = await app.fetch(new Request(`http://localhost${path}`, { method }));
    await response.body?.cancel();
    return response.status;
  };
  assertEquals(await ask("/base", "GET"), 200);
  assertEquals(await ask("/derived", "POST"), 200);
  assertEquals(await ask("/base", "POST"), 405);
  assertEquals([await ask("/frozen", "POST"), await ask("/frozen", "POST")], [200, 200]);
});
