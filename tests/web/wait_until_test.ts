import { assertEquals, assertThrows } from "@std/assert";
import { Application, type Middleware, PeriodicCallback, RequestHandler } from "../../mod.ts";
import { captureLogs, expectLog } from "../support/log_records.ts";
import { serve } from "../support/serve.ts";

/** The context of a worker, which is over when all is settled that it was given. */
class Context {
  readonly promises: Promise<unknown>[] = [];
  waitUntil(promise: Promise<unknown>): void {
    this.promises.push(promise);
  }
}

const REQUEST = () => new Request("http://localhost/");

Deno.test("handler gets the environment of a worker, and an empty one elsewhere", async () => {
  class Main extends RequestHandler {
    override get() {
      this.write(this.getEnvironment<{ NAME?: string }>().NAME ?? "nobody");
    }
  }
  const app = new Application([["/", Main]]);
  const worker = await app.fetch(REQUEST(), { NAME: "Dorothy" }, new Context());
  assertEquals(await worker.text(), "Dorothy");
  assertEquals(await (await app.fetch(REQUEST())).text(), "nobody");
});

Deno.test("middleware and a mounted application get the environment of a worker", async () => {
  class Main extends RequestHandler {
    override get() {
      this.write(this.getEnvironment<{ NAME: string }>().NAME);
    }
  }
  const seen: unknown[] = [];
  const context = new Context();
  const look: Middleware = (_request, next, { environment, ...rest }) => {
    seen.push(environment, rest);
    return next();
  };
  const wait: Middleware = (_request, next, around) => {
    around.waitUntil(Promise.resolve());
    return next();
  };
  const inner = new Application([["/", Main]]);
  const app = new Application([["/(.*)", inner]], { middleware: [look, wait] });
  const environment = { NAME: "Toto" };
  const response = await app.fetch(REQUEST(), environment, context);
  assertEquals(await response.text(), "Toto");
  assertEquals(seen[0], environment);
  assertEquals(context.promises.length, 1);
});

Deno.test("worker is kept for waitUntil(), an async onFinish and a log that waits", async () => {
  const done: string[] = [];
  const later = (name: string) => Promise.resolve().then(() => void done.push(name));
  class Main extends RequestHandler {
    override get() {
      this.waitUntil(later("waitUntil"));
    }
    override onFinish() {
      return later("onFinish");
    }
  }
  const app = new Application([["/", Main]], { logFunction: () => later("log") });
  const context = new Context();
  await app.fetch(REQUEST(), {}, context);
  assertEquals(context.promises.length, 3);
  await Promise.all(context.promises);
  assertEquals(done.sort(), ["log", "onFinish", "waitUntil"]);
});

Deno.test("waitUntil() logs a rejection, and refuses what is no promise", async () => {
  class Main extends RequestHandler {
    override get() {
      this.waitUntil(Promise.reject(new Error("lost")));
      assertThrows(
        // @ts-expect-error that is no promise
        () => this.waitUntil(5),
        TypeError,
        "Cannot wait until 5 is done: it is no promise",
      );
    }
  }
  const context = new Context();
  using logs = captureLogs();
  await new Application([["/", Main]]).fetch(REQUEST(), {}, context);
  await Promise.all(context.promises);
  await expectLog(logs, "error", /Uncaught exception GET \//);
});

Deno.test("server that stops waits for waitUntil()", async () => {
  let done = false;
  const { promise, resolve } = Promise.withResolvers<void>();
  class Main extends RequestHandler {
    override get() {
      this.waitUntil(promise.then(() => void (done = true)));
    }
  }
  {
    await using server = serve(new Application([["/", Main]]));
    await (await fetch(server.origin)).body?.cancel();
    setTimeout(resolve, 20);
  }
  assertEquals(done, true);
});

Deno.test("scheduled() runs the callbacks whose time has come, and the worker waits for them", async () => {
  const ran: string[] = [];
  const minutely = new PeriodicCallback(async () => {
    await Promise.resolve();
    ran.push("minutely");
  }, 60_000);
  const hourly = new PeriodicCallback(() => ran.push("hourly"), 3_600_000);
  Reflect.set(globalThis, "WebSocketPair", class {});
  try {
    minutely.start();
    hourly.start();
  } finally {
    Reflect.deleteProperty(globalThis, "WebSocketPair");
  }
  const { scheduled } = new Application();
  const tick = async (minutes: number) => {
    const context = new Context();
    void scheduled({ scheduledTime: minutes * 60_000, cron: "* * * * *" }, {}, context);
    await Promise.all(context.promises);
    return ran.splice(0);
  };
  assertEquals(await tick(119), ["hourly", "minutely"]);
  assertEquals(await tick(119), []);
  assertEquals(await tick(120), ["hourly", "minutely"]);
  assertEquals(await tick(121), ["minutely"]);
  minutely.stop();
  hourly.stop();
  assertEquals(await tick(180), []);
});
