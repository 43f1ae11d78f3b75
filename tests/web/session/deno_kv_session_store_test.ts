import { assertEquals, assertThrows } from "@std/assert";
import { Application, DenoKvSessionStore, RequestHandler, SessionMixin } from "@gustnado/gustnado";
import { Visitor } from "../../support/visitor.ts";

Deno.test("many requests that change other keys at the same time are all kept, in Deno KV", async () => {
  class All extends SessionMixin(RequestHandler) {
    override get() {
      this.write(Object.fromEntries(["a", "b", "c"].map((key) => [key, this.session.get(key)])));
    }
  }
  class Change extends SessionMixin(RequestHandler) {
    override get(key: string, value: string) {
      this.session.set(key, value);
    }
  }
  using kv = await Deno.openKv(":memory:");
  const app = new Application([["/", All], ["/:key/:value", Change]], {
    cookieSecret: "the secret of the tests",
    session: { store: new DenoKvSessionStore(kv) },
  });
  const visitor = new Visitor(async (path, init) =>
    await app.fetch(new Request(`http://localhost${path}`, init))
  );
  await visitor.fetch("/a/0");
  const responses = ["/a/1", "/b/2", "/c/3"].map((path) => visitor.fetch(path));
  for (const response of await Promise.all(responses)) assertEquals(response.status, 200);
  assertEquals(JSON.parse(await visitor.text("/")), { a: "1", b: "2", c: "3" });
});

Deno.test("DenoKvSessionStore refuses options that it does not know", () => {
  const made = (options: unknown) => () => new DenoKvSessionStore({} as never, options as never);
  assertThrows(made({ prefix: "x" }), TypeError, '"prefix"');
  assertThrows(made({ prefixes: [] }), TypeError, 'did you mean "prefix"?');
});
