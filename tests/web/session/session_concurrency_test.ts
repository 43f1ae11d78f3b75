import { assert, assertEquals } from "@std/assert";
import {
  type Application,
  MemorySessionStore,
  RequestHandler,
  SessionMixin,
  type SessionStore,
} from "@gustnado/gustnado";
import { Journal } from "../../support/journal.ts";
import { captureLogs, expectLog } from "../../support/log_records.ts";
import { Visitor } from "../../support/visitor.ts";
import { sessionApplication } from "./session_application.ts";

/** Requests that hold the session until they are let go. */
class Meeting {
  readonly arrived = new Journal();
  readonly #open = new Map<string, PromiseWithResolvers<void>>();

  letGo(name: string): void {
    this.#door(name).resolve();
  }

  wait(name: string): Promise<void> {
    this.arrived.add(name);
    return this.#door(name).promise;
  }

  #door(name: string): PromiseWithResolvers<void> {
    let door = this.#open.get(name);
    if (door === undefined) this.#open.set(name, door = Promise.withResolvers());
    return door;
  }
}

/** `/hold?name=…&set=key:value,…&delete=key,…` changes the session when it is let go. */
function application(store: SessionStore, meeting: Meeting): Application {
  class Hold extends SessionMixin(RequestHandler) {
    override async get() {
      await meeting.wait(this.getArgument("name"));
      for (const pair of this.getArgument("set", "").split(",").filter(Boolean)) {
        const [key = "", value = ""] = pair.split(":");
        this.session.set(key, value);
      }
      for (const key of this.getArgument("delete", "").split(",").filter(Boolean)) {
        this.session.delete(key);
      }
      if (this.getArgument("clear", "") !== "") this.session.clear();
    }
  }
  class All extends SessionMixin(RequestHandler) {
    override get() {
      this.write(Object.fromEntries(["a", "b", "c"].map((key) => [key, this.session.get(key)])));
    }
  }
  return sessionApplication({ store }, [["/hold", Hold], ["/all", All]]);
}

function visit(app: Application): Visitor {
  return new Visitor(async (path, init) =>
    await app.fetch(new Request(`http://localhost${path}`, init))
  );
}

/** Starts requests one after another, and lets them write in the order given. */
async function together(
  app: Application,
  { meeting, visitor, requests }: {
    meeting: Meeting;
    visitor: Visitor;
    requests: readonly string[];
  },
): Promise<void> {
  const before = meeting.arrived.entries.length;
  const responses = requests.map((query, i) =>
    visitor.twin().fetch(`/hold?name=${before}-${i}&${query}`)
  );
  await meeting.arrived.until(before + requests.length);
  for (const [i, response] of responses.entries()) {
    meeting.letGo(`${before}-${i}`);
    assertEquals((await response).status, 200);
  }
  assert(app !== undefined);
}

async function started(app: Application, meeting: Meeting, query: string): Promise<Visitor> {
  const visitor = visit(app);
  meeting.letGo("start");
  await visitor.fetch(`/hold?name=start&${query}`);
  return visitor;
}

Deno.test("requests at the same time each keep the keys that they changed; the last of a key wins", async () => {
  const meeting = new Meeting();
  const app = application(new MemorySessionStore(), meeting);
  const visitor = await started(app, meeting, "set=a:0,b:0");
  const requests = ["set=a:1", "set=c:2&delete=b", "set=a:3"];
  await together(app, { meeting, visitor, requests });
  assertEquals(JSON.parse(await visitor.text("/all")), { a: "3", c: "2" });
});

Deno.test("clear() at the same time leaves what was written after it", async () => {
  const meeting = new Meeting();
  const app = application(new MemorySessionStore(), meeting);
  const visitor = await started(app, meeting, "set=a:0,b:0");
  await together(app, { meeting, visitor, requests: ["set=b:1", "clear=1", "set=c:2"] });
  assertEquals(JSON.parse(await visitor.text("/all")), { c: "2" });
});

Deno.test("session that ended while a request changed it does not rise again", async () => {
  for (const path of ["/logout", "/login?user=Ada"]) {
    using records = captureLogs();
    const meeting = new Meeting();
    const app = application(new MemorySessionStore(), meeting);
    const visitor = await started(app, meeting, "set=a:0");
    const slow = visitor.twin();
    const response = slow.fetch("/hold?name=slow&set=a:1");
    await meeting.arrived.until(2);
    const old = visitor.twin();
    await visitor.fetch(path, { method: "POST" });
    meeting.letGo("slow");
    assertEquals((await response).headers.getSetCookie(), []);
    await expectLog(records, "info", /A session was ended while a request changed it/);
    assertEquals(JSON.parse(await old.text("/show")).isNew, true);
    assertEquals(JSON.parse(await slow.text("/show")).isNew, true);
  }
});

Deno.test("renewal at the same time as a change loses nothing", async () => {
  let now = 0;
  const store = new MemorySessionStore({ clock: () => now });
  const app = sessionApplication({ store, clock: () => now });
  const visitor = visit(app);
  await visitor.fetch("/count");
  now += 10 * 60_000;
  await Promise.all(["/show", "/count", "/show", "/show"].map((path) => visitor.fetch(path)));
  assertEquals(JSON.parse(await visitor.text("/show")).visits, 2);
});

Deno.test("session that others change again and again is an error in the end, not a loop", async () => {
  using records = captureLogs();
  const store = new MemorySessionStore();
  let writes = 0;
  const busy: SessionStore = {
    load: (key) => store.load(key),
    delete: (key) => store.delete(key),
    replace: (key, record, options) => {
      writes++;
      return options.expected === null
        ? store.replace(key, record, options)
        : Promise.resolve(false);
    },
  };
  const visitor = visit(sessionApplication({ store: busy }));
  await visitor.fetch("/count");
  assertEquals((await visitor.fetch("/count")).status, 500);
  await expectLog(records, "error", /other requests changed it 64 times meanwhile/);
  assertEquals(writes, 65);
});
