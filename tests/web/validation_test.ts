import { assertEquals, assertInstanceOf, assertMatch } from "@std/assert";
import * as v from "valibot";
import { Application } from "../../src/web/application.ts";
import { RequestHandler } from "../../src/web/request_handler.ts";
import { type StandardSchema, ValidationError } from "../../src/web/validation.ts";
import { captureLogs, expectLog } from "../support/log_records.ts";
import { bothWays } from "../support/serve.ts";

const Person = v.object({
  name: v.pipe(v.string(), v.minLength(2)),
  tags: v.optional(v.union([v.array(v.string()), v.string()]), []),
});
const Numbers = v.object({ id: v.pipe(v.string(), v.transform(Number), v.integer()) });

class PersonHandler extends RequestHandler {
  override async get() {
    this.write({ query: await this.validate(Numbers, "query") });
  }
  override async post() {
    const { name, tags } = await this.validate(Person);
    this.write({ name, tags });
  }
  override async put() {
    this.write({ path: await this.validate(Numbers, "path") });
  }
}

const ROUTES = [["/person/:id", PersonHandler]] as const;
const FORM = { "content-type": "application/x-www-form-urlencoded" };
const JSON_TYPES = ["application/json", "Application/JSON; charset=utf-8", "application/ld+json"];

bothWays("JSON body is validated", ROUTES, async (fetch) => {
  for (const type of JSON_TYPES) {
    const response = await fetch("/person/1", {
      method: "POST",
      headers: { "content-type": type },
      body: '{"name": "María", "extra": 1}',
    });
    assertEquals(await response.json(), { name: "María", tags: [] });
  }
});

bothWays("form is validated, with several values of a field as an array", ROUTES, async (fetch) => {
  const post = async (body: string) =>
    await (await fetch("/person/1", { method: "POST", headers: FORM, body })).json();
  assertEquals(await post("name=Maria&tags=a"), { name: "Maria", tags: "a" });
  assertEquals(await post("name=Maria&tags=a&tags=b"), { name: "Maria", tags: ["a", "b"] });
});

bothWays("query and path are validated where they are asked for", ROUTES, async (fetch) => {
  assertEquals(await (await fetch("/person/1?id=7")).json(), { query: { id: 7 } });
  assertEquals(await (await fetch("/person/5", { method: "PUT" })).json(), { path: { id: 5 } });
});

const REFUSED: [init: RequestInit, message: RegExp][] = [
  [
    { method: "POST", headers: { "content-type": "application/json" }, body: '{"name": "x"}' },
    /Invalid input: name: Invalid length/,
  ],
  [
    { method: "POST", headers: { "content-type": "application/json" }, body: "[]" },
    /Invalid input: name: Invalid key/,
  ],
  [
    { method: "POST", headers: { "content-type": "application/json" }, body: "{" },
    /Malformed JSON body/,
  ],
  [{ method: "POST", headers: { "content-type": "application/json" } }, /Malformed JSON body/],
  [{ method: "POST", headers: FORM, body: "tags=x" }, /Invalid input: name/],
  [{ method: "POST", headers: FORM, body: "name=%FF" }, /Invalid unicode/],
  [{ method: "POST" }, /Invalid input: name/],
  [{ method: "PUT" }, /Invalid input: id: Invalid integer/],
];

for (const [init, message] of REFUSED) {
  bothWays(`${JSON.stringify(init)} is a 400 that the log explains`, ROUTES, async (fetch) => {
    using records = captureLogs();
    const response = await fetch("/person/x", init);
    assertEquals(response.status, 400);
    await response.body?.cancel();
    await expectLog(records, "warning", message);
  });
}

bothWays("writeError gets the issues", [
  [
    "/:id",
    class extends PersonHandler {
      override writeError(_status: number, { error }: { error?: unknown }) {
        assertInstanceOf(error, ValidationError);
        this.finish({ issues: error.issues.map(({ path, message }) => [path?.length, message]) });
      }
    },
  ],
], async (fetch) => {
  using records = captureLogs();
  const response = await fetch("/x", { method: "PUT" });
  assertEquals(await response.json(), { issues: [[1, "Invalid integer: Received NaN"]] });
  await expectLog(records, "warning", /Invalid input/);
});

/** A validator written by hand: that is all that the standard asks for. */
function schema<T>(validate: StandardSchema<T>["~standard"]["validate"]): StandardSchema<T> {
  return { "~standard": { version: 1, vendor: "test", validate } };
}

Deno.test("validator may be asynchronous, and its issues may have any path or none", async () => {
  const issues = [{ message: "no" }, { message: "bad", path: ["a", { key: 0 }, Symbol("s")] }];
  const app = new Application([[
    "/",
    class extends RequestHandler {
      override async get() {
        this.write({
          value: await this.validate(schema(() => Promise.resolve({ value: 5 })), "query"),
        });
      }
      override async post() {
        await this.validate(schema(() => Promise.resolve({ issues })));
      }
    },
  ]]);
  const good = await app.fetch(new Request("http://localhost/"));
  assertEquals(await good.json(), { value: 5 });
  using records = captureLogs();
  const bad = await app.fetch(new Request("http://localhost/", { method: "POST" }));
  assertEquals(bad.status, 400);
  await expectLog(records, "warning", /Invalid input: no; a\.0\.Symbol\(s\): bad/);
});

bothWays("validator that fails is a 500", [
  [
    "/",
    class extends RequestHandler {
      override async get() {
        await this.validate(schema(() => {
          throw new Error("in the validator");
        }));
      }
    },
  ],
], async (fetch) => {
  using records = captureLogs();
  assertEquals((await fetch("/")).status, 500);
  await expectLog(records, "error", /in the validator/);
});

// ---- what clients see of the issues

const Account = v.object({ name: v.literal("root"), age: v.number() });

class AccountHandler extends RequestHandler {
  override async post() {
    this.write(await this.validate(Account));
  }
}

const SECRET = "hunter2-<b>";
const BAD_ACCOUNT = JSON.stringify({ name: SECRET, age: SECRET });
const PATHS = [["name"], ["age"]];

async function refuse(
  fetch: (path: string, init?: RequestInit) => Response | Promise<Response>,
  init: RequestInit,
): Promise<{ type: string | null; text: string }> {
  using records = captureLogs();
  const response = await fetch("/", { method: "POST", ...init });
  assertEquals(response.status, 400);
  const text = await response.text();
  const logged = await expectLog(records, "warning", /Invalid input: name: /);
  assertEquals(JSON.stringify(logged).includes("hunter2"), false);
  assertEquals(text.includes("hunter2"), false);
  return { type: response.headers.get("content-type"), text };
}

for (
  const accept of [
    "application/json",
    "application/json, text/html;q=0.9",
    "text/html;q=0.2, application/*",
    "*/*;q=0.1, Application/JSON",
  ]
) {
  bothWays(`client that accepts "${accept}" gets the issues as JSON`, [
    ["/", AccountHandler],
  ], async (fetch) => {
    const headers = { accept, "content-type": "application/json" };
    const { type, text } = await refuse(fetch, { headers, body: BAD_ACCOUNT });
    assertEquals(type, "application/json; charset=UTF-8");
    const { status, reason, issues } = JSON.parse(text);
    assertEquals([status, reason], [400, "Bad Request"]);
    assertEquals(issues.map(({ path }: { path: unknown }) => path), PATHS);
    assertMatch(issues[0].message, /^Invalid type: Expected "root" but received "…"$/);
    assertEquals(Object.keys(issues[0]), ["message", "path"]);
  });
}

bothWays("client without a preference gets the issues as it sent the input", [
  ["/", AccountHandler],
], async (fetch) => {
  const headers = { accept: "*/*", "content-type": "application/json" };
  const json = await refuse(fetch, { headers, body: BAD_ACCOUNT });
  assertEquals(json.type, "application/json; charset=UTF-8");
  const form = await refuse(fetch, {
    headers: { ...FORM, accept: "*/*" },
    body: new URLSearchParams({ name: SECRET }).toString(),
  });
  assertEquals(form.type, "text/html; charset=UTF-8");
});

bothWays("page for a browser lists the issues, escaped", [
  ["/", AccountHandler],
], async (fetch) => {
  const { type, text } = await refuse(fetch, {
    headers: { accept: "text/html,application/json;q=0.9", "content-type": "application/json" },
    body: BAD_ACCOUNT,
  });
  assertEquals(type, "text/html; charset=UTF-8");
  assertMatch(
    text,
    /<ul><li>name: Invalid type: Expected &quot;root&quot; but received &quot;…&quot;<\/li><li>age: /,
  );
});

Deno.test("page of another error is JSON for a client that prefers it", async () => {
  const app = new Application([["/", AccountHandler]]);
  const response = await app.fetch(
    new Request("http://localhost/x", { headers: { accept: "application/json" } }),
  );
  assertEquals(response.headers.get("content-type"), "application/json; charset=UTF-8");
  assertEquals(await response.json(), { status: 404, reason: "Not Found" });
});

for (const debug of [false, true]) {
  for (const accept of ["application/json", "text/html"]) {
    Deno.test(`error page as ${accept} tells caches what it goes by, debug ${debug}`, async () => {
      const app = new Application([["/", AccountHandler]], { debug });
      const response = await app.fetch(
        new Request("http://localhost/x", { headers: { accept } }),
      );
      await response.body?.cancel();
      assertMatch(response.headers.get("content-type") ?? "", new RegExp(`^${accept};`));
      assertEquals(response.headers.get("vary"), "Accept");
    });
  }
}

const QUOTING: [message: string, value: unknown, shown: string][] = [
  ['must be a number (was "hunter2")', "hunter2", 'must be a number (was "…")'],
  ["must be a number (was 'a')", "a", 'must be a number (was "…")'],
  ["hunter2 is not an address", "hunter2", "… is not an address"],
  ["hunters is not an address", "hunter", "hunters is not an address"],
  ["Expected <10 but received 10", 10, "Expected <10 but received …"],
  ["Expected <100 but received nothing", 10, "Expected <100 but received nothing"],
  ["a is a letter", "a", "a is a letter"],
  ["no", { a: 1 }, "no"],
  ["no", "", "no"],
  ['was "a\\"b"', 'a"b', 'was "…"'],
  ["x".repeat(600), null, "x".repeat(500)],
];

for (const [message, value, shown] of QUOTING) {
  Deno.test(`issue ${message.slice(0, 40)} about ${JSON.stringify(value)} is shown without it`, () => {
    const issues = [{ message, path: ["a", { key: 0 }], input: value }];
    const error = new ValidationError(issues, { input: { a: [value] } });
    assertEquals(error.issues, [{ message: shown, path: ["a", 0] }]);
    assertEquals(error.status, 400);
  });
}

Deno.test("path of an issue does not reach what is inherited", () => {
  const issues = [{ message: "function Object", path: ["constructor", "name"] }];
  assertEquals(new ValidationError(issues, { input: {} }).issues[0]?.message, "function Object");
});

bothWays("error of validation may be a 422, and shows a hundred issues at most", [
  [
    "/",
    class extends RequestHandler {
      override get() {
        const issues = Array.from({ length: 150 }, (_, index) => ({ message: `no ${index}` }));
        throw new ValidationError(issues, { status: 422 });
      }
    },
  ],
], async (fetch) => {
  using records = captureLogs();
  const response = await fetch("/", { headers: { accept: "application/json" } });
  const { status, reason, issues } = await response.json();
  assertEquals([response.status, status, reason], [422, 422, "Unprocessable Entity"]);
  assertEquals([issues.length, issues[99].message], [100, "no 99"]);
  await expectLog(records, "warning", /no 19; 130 more/);
});

// ---- a body that is not what it was taken for

bothWays("validate says that a body is JSON without its type", ROUTES, async (fetch) => {
  for (const [type, named] of [["text/plain", 'is \\\\?"text/plain'], ["", "no Content-Type"]]) {
    using records = captureLogs();
    const body = new TextEncoder().encode(' {"name": "Maria"}');
    const headers: HeadersInit = type ? { "content-type": type } : {};
    assertEquals((await fetch("/person/1", { method: "POST", headers, body })).status, 400);
    await expectLog(records, "warning", new RegExp(`looks like JSON, but .*${named}`));
  }
});
