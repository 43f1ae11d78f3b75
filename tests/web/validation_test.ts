import { assertEquals, assertInstanceOf } from "@std/assert";
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
