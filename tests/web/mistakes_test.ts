import { assertEquals, assertThrows } from "@std/assert";
import { Application } from "../../src/web/application.ts";
import { EventStreamHandler } from "../../src/web/event_stream_handler.ts";
import { RequestHandler } from "../../src/web/request_handler.ts";
import { WebSocketHandler } from "../../src/websocket/web_socket_handler.ts";
import type { StandardSchema } from "../../src/web/validation.ts";
import { captureLogs, expectLog } from "../support/log_records.ts";

/** What a program without types may hand over. */
function untyped<T>(value: unknown): T {
  return value as T;
}

const MISTAKES: readonly [what: string, get: (handler: RequestHandler) => unknown, RegExp][] = [
  [
    "text that a method returns",
    () => "hello",
    /Cannot answer with the string that a method of Main returned: write\(\) it/,
  ],
  [
    "status in quotes",
    (handler) => handler.setStatus(untyped("404")),
    /Cannot use "404" as the status of a response: expected a number from 200 to 599/,
  ],
  [
    "redirect to nothing",
    (handler) => handler.redirect(untyped(undefined)),
    /Cannot redirect to undefined: expected the URL as a string/,
  ],
  [
    "cookie of nothing",
    (handler) => handler.setCookie("seen", untyped(undefined)),
    /Cannot set cookie "seen": expected a string, got undefined; write String\(value\)/,
  ],
  [
    "cookie of an object",
    (handler) => handler.setCookie("seen", untyped({})),
    /Cannot set cookie "seen": expected a string, got object; .*JSON\.stringify/,
  ],
  [
    "signed cookie of a number",
    (handler) => handler.setSignedCookie("user", untyped(5)),
    /Cannot sign the value "user": expected a string or a Uint8Array, got number/,
  ],
  [
    "schema of no validator",
    (handler) => handler.validate(untyped<StandardSchema<unknown>>({})),
    /Cannot validate by an object of class Object: expected a schema of Zod, Valibot/,
  ],
  [
    "schema that is undefined",
    (handler) => handler.validate(untyped<StandardSchema<unknown>>(undefined)),
    /Cannot validate by undefined/,
  ],
];

for (const [what, get, message] of MISTAKES) {
  Deno.test(`${what} is an error that says what to write`, async () => {
    using records = captureLogs();
    class Main extends RequestHandler {
      override get() {
        return untyped<undefined>(get(this));
      }
    }
    const app = new Application([["/", Main]], { cookieSecret: "c".repeat(32) });
    const response = await app.fetch(new Request("http://localhost/"));
    assertEquals(response.status, 500);
    await response.body?.cancel();
    await expectLog(records, "error", message);
  });
}

Deno.test("write after a redirect is an error that says to return", async () => {
  using records = captureLogs();
  class Main extends RequestHandler {
    override get() {
      this.redirect("/elsewhere");
      this.write("too late");
    }
  }
  const response = await new Application([["/", Main]]).fetch(new Request("http://localhost/"));
  assertEquals(response.status, 302);
  await response.body?.cancel();
  await expectLog(records, "error", /Cannot write\(\) after finish\(\): return after redirect\(\)/);
});

Deno.test("event stream that is sent from get() is an error that names open()", async () => {
  using records = captureLogs();
  class Clock extends EventStreamHandler {
    override get() {
      this.send({ data: "tick" });
    }
  }
  const app = new Application([["/", Clock]]);
  const response = await app.fetch(new Request("http://localhost/"));
  assertEquals(response.status, 500);
  await response.body?.cancel();
  await expectLog(records, "error", /get\(\) opens it, so override open\(\) in place of get\(\)/);
});

Deno.test("hook by Python's name is a TypeError that has the right one", () => {
  class Page extends RequestHandler {
    get_current_user() {
      return "ada";
    }
  }
  class Home extends Page {}
  class Room extends WebSocketHandler {
    on_message() {}
  }
  const message = "Cannot use the handler Home: nobody would call its get_current_user(); " +
    "it is spelled getCurrentUser()";
  assertThrows(() => new Application([["/", Home]]), TypeError, message);
  assertThrows(() => new Application([], { defaultHandlerClass: Home }), TypeError, message);
  assertThrows(() => new Application([["/", Room]]), TypeError, "it is spelled onMessage()");
});

Deno.test("names with an underscore that are no hooks are the handler's own", () => {
  class Page extends RequestHandler {
    on_message() {}
    load_user() {}
    get_argument(name: string) {
      return this.getArgument(name);
    }
    override getCurrentUser() {
      return "ada";
    }
    get_current_user() {
      return this.getCurrentUser();
    }
  }
  new Application([["/", Page]]);
});
