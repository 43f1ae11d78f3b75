/** The tarball that npm publishes, installed by npm, on every runtime. */
import { template } from "../../mod.ts";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { ChildServer } from "../support/child_server.ts";
import { websocketConnect } from "../../src/websocket/client/websocket_connect.ts";
import { type Runtime, runtime } from "../support/runtimes.ts";
import {
  isInstalled,
  serviceTest,
  serviceTestDefinition,
  startRedis,
  startWorkerd,
} from "../support/services.ts";
import { type Feature, FEATURES, type Site } from "./features.ts";
import { Installed } from "./installed.ts";
import { command, type Target, TARGETS } from "./targets.ts";

const SMOKE = new URL("smoke/", import.meta.url);

const EDGE = new URL("../../examples/edge/", import.meta.url);
const installed = new Installed();
let places: Promise<string> | undefined;

Deno.test.afterAll(() => installed[Symbol.asyncDispose]());

/** The folder with the application and its files, for all tests. */
function place(): Promise<string> {
  return places ??= prepare();
}

async function prepare(): Promise<string> {
  const names = ["application", "listening", "worker"];
  const folder = await installed.add(
    "smoke",
    names.map((name) => new URL(`${name}.ts`, SMOKE)),
  );
  for (const name of ["static", "templates", "uploads"]) {
    await Deno.mkdir(`${folder}/${name}`);
  }
  for (const name of ["cert.pem", "key.pem"]) {
    await Deno.copyFile(new URL(`../fixtures/tls/${name}`, import.meta.url), `${folder}/${name}`);
  }
  await Deno.writeTextFile(
    `${folder}/static/wind.txt`,
    "0123456789".repeat(30_000),
  );
  await Deno.writeTextFile(
    `${folder}/templates/page.html`,
    "<h1>{{ name }}</h1>\n",
  );
  return folder;
}

async function start(target: Target, redis: string | null): Promise<ChildServer> {
  const folder = await place();
  if (target.runtime !== null) {
    const { program, args } = command(target, `${folder}/listening.js`);
    return await ChildServer.start({
      program,
      args: ({ port }) => [...args, `${port}`, folder, ...redis === null ? [] : [redis]],
    });
  }
  const page = template.compile("<p>{{ name }}</p>", { name: "page.html" });
  const worker = await installed.bundle(`${folder}/worker.js`);
  const modules = { "worker.js": worker, "page.js": page };
  return await startWorkerd(modules, { objects: { TOPICS: "Topics" } });
}

/** The example, told to serve as its README says. */
async function startEdge({ name, runtime }: Target): Promise<ChildServer> {
  const folder = await installed.add(
    "edge",
    ["app.ts", "listen.ts"].map((file) => new URL(file, EDGE)),
  );
  const ending = name === "Node 20" ? "js" : "ts";
  if (runtime === null) {
    return await startWorkerd({
      "worker.js": await installed.bundle(`${folder}/app.ts`),
    });
  }
  return await ChildServer.start({
    program: "/usr/bin/env",
    args: ({ port }) => [
      `--chdir=${folder}`,
      `PORT=${port}`,
      programOf(runtime),
      ...runtime === "deno"
        ? [
          "serve",
          "--quiet",
          "--no-check",
          "--host",
          "127.0.0.1",
          "--port",
          `${port}`,
        ]
        : [],
      `${folder}/${runtime === "deno" || runtime === "bun" ? "app" : "listen"}.${ending}`,
    ],
  });
}

function programOf(name: Runtime): string {
  return runtime(name) ?? "";
}

for (const target of TARGETS) {
  serviceTest(
    ["npm", "node@22", ...target.needs],
    `the package runs on ${target.name}`,
    async (t) => {
      await using redis = isInstalled("redis-server") ? await startRedis() : null;
      await using server = await start(target, redis && `redis://127.0.0.1:${redis.port}`);
      const site: Site = {
        port: server.port,
        folder: await place(),
        redis: redis?.port,
        get output() {
          return server.output;
        },
        stop: (signal) => server.stop(signal),
      };
      for (const feature of FEATURES) {
        for (const [rule, check] of Object.entries(feature.rules)) {
          await t.step(stepOf(target, feature, rule, () => inTime(check(site))));
        }
      }
    },
  );
}

for (const target of TARGETS) {
  serviceTest(
    ["npm", "node@22", ...target.needs],
    `the example runs on ${target.name}`,
    async () => {
      await using site = await startEdge(target);
      await inTime(checkEdge(site.port, target.calls));
    },
  );
}

async function checkEdge(port: number, runtime: RegExp): Promise<void> {
  const origin = `http://127.0.0.1:${port}`;
  const page = await (await fetch(origin)).text();
  assertStringIncludes(page, "One application, every runtime");
  assertMatch(/<dd>(.+)<\/dd>/.exec(page)?.[1] ?? "", runtime);
  const { hello, from } = await (await fetch(`${origin}/api/hello/ada`)).json();
  assertEquals(hello, "ada");
  assertMatch(from, runtime);
  const clock = (await fetch(`${origin}/clock`)).body?.getReader();
  const first = new TextDecoder().decode((await clock?.read())?.value);
  assertMatch(first, /^event: time\ndata: \d{4}-/);
  await clock?.cancel();
  await using socket = await websocketConnect(`ws://127.0.0.1:${port}/echo`);
  socket.writeMessage("ping");
  assertEquals(await socket.readMessage(), "ping");
}

/** A rule of a feature, left out by its name where the target lacks that, or this machine a service. */
function stepOf(
  target: Target,
  { name, needs = [] }: Feature,
  rule: string,
  fn: () => Promise<void>,
): Deno.TestStepDefinition {
  const reason = target.lacks[name];
  const full = `${name}: ${rule}`;
  if (reason !== undefined) {
    return { name: `${full} [${target.name}: ${reason}]`, ignore: true, fn };
  }
  if (needs.length === 0) return { name: full, fn };
  return serviceTestDefinition({ services: needs, name: full, fn });
}

/** A rule that waits for what does not come has failed. */
async function inTime(checked: Promise<void>): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error("Nothing came within 20 s")),
    20_000,
  );
  try {
    await Promise.race([checked, promise]);
  } finally {
    clearTimeout(timer);
  }
}
