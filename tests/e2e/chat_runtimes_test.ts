/** The chat of the examples on other runtimes, as those who deploy it have it there. */
import { assert, assertEquals } from "@std/assert";
import { build, type Target } from "../../src/build/mod.ts";
import { launchBrowser } from "../support/browser.ts";
import { BuiltPackage } from "../support/built_package.ts";
import {
  join,
  message,
  messagesOn,
  peopleOn,
  say,
  screenshot,
  status,
} from "../support/chat_page.ts";
import { ChildServer } from "../support/child_server.ts";
import { CutProxy } from "../support/cut_proxy.ts";
import { poll } from "../support/poll.ts";
import { type Runtime, runtime } from "../support/runtimes.ts";
import { serviceTest, startWorkerd } from "../support/services.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const CHAT = `${ROOT}examples/chat`;

/** Where the browsers are. */
const ADDRESS = "127.0.0.1";
/** Wide enough for the list of who is here. */
const SIZE = { width: 880, height: 560 };

serviceTest(["chromium", "workerd"], "the chat runs on Workers, built", async () => {
  await using bundle = await Built.make("worker.ts", "workers");
  const text = await Deno.readTextFile(bundle.path);
  await using server = await startWorkerd({ "worker.js": text }, {
    objects: { TOPICS: "Topics" },
    variables: { COOKIE_SECRET: "a secret that nobody else has at all" },
  });
  // The platform says it.
  await checkChat(server, "Workers", { "CF-Connecting-IP": ADDRESS });
});

serviceTest(["chromium", "node@20"], "the chat runs on Node 20, built", async () => {
  await using bundle = await Built.make("app.ts", "node");
  await using server = await start("node@20", bundle.path);
  await checkChat(server, "Node 20");
});

serviceTest(["chromium", "bun"], "the chat runs on Bun, built", async () => {
  await using bundle = await Built.make("app.ts", "bun");
  await using server = await start("bun", bundle.path);
  await checkChat(server, "Bun");
});

serviceTest(
  ["chromium", "npm", "node@22", "node@24", "bun"],
  "the chat runs from source beside the package of npm",
  async (t) => {
    await using built = await BuiltPackage.make();
    const folder = `${await built.installed("application")}/chat`;
    await copy(CHAT, folder);
    for (const name of ["node@24", "bun"] as const) {
      await t.step(`on ${name}`, async () => {
        await using server = await start(name, `${folder}/main.ts`);
        await checkChat(server, name);
      });
    }
  },
);

/** Two talk, one is cut off and comes back, a third comes later. */
async function checkChat(
  { port }: ChildServer,
  name: string,
  extraHTTPHeaders: Record<string, string> = {},
): Promise<void> {
  await using proxy = new CutProxy(port);
  await using browser = await launchBrowser();
  const origin = `http://127.0.0.1:${port}`;
  const visit = (name: string, at = origin) =>
    join(browser, at, { name, viewport: SIZE, extraHTTPHeaders });
  const ada = await visit("Ada", `http://127.0.0.1:${proxy.port}`);
  const bob = await visit("Bob");
  await ada.getByText("Bob joined").waitFor();
  await say(bob, "Where are we?");
  await message(ada, "Where are we?").waitFor();
  await say(ada, `On ${name}`);
  await message(bob, name).waitFor();

  proxy.down();
  await status(ada, "Reconnecting…");
  await say(ada, "From afar");
  await ada.getByText("Not sent yet").waitFor();
  await say(bob, "Are you still there?");
  await message(bob, "still there").waitFor();
  proxy.up();
  await status(ada, "Connected");
  await message(bob, "From afar").waitFor();

  const cy = await visit("Cy");
  for (const page of [ada, bob, cy]) {
    await message(page, "From afar").waitFor();
    assertEquals(await messagesOn(page), [
      "Where are we?",
      `On ${name}`,
      "Are you still there?",
      "From afar",
    ]);
    assert(await poll(async () => `${await peopleOn(page)}` === "Ada,Bob,Cy"));
    assertEquals(await page.locator("#people .address").allTextContents(), Array(3).fill(ADDRESS));
    assertEquals(await page.getByText(/Not sent yet|may be missing|Ada left/).count(), 0);
  }
  await screenshot(ada, `chat_${name.toLowerCase().split(/\W/)[0]}`);
  assertEquals(browser.pageErrors, []);
}

/** A bundle of the chat in a folder of its own. */
class Built implements AsyncDisposable {
  readonly path: string;
  readonly #folder: string;

  private constructor(path: string, folder: string) {
    this.path = path;
    this.#folder = folder;
  }

  static async make(entry: string, target: Target): Promise<Built> {
    const folder = await Deno.makeTempDir({ prefix: "gustnado-" });
    const { bundle } = await build({
      entry: `${CHAT}/${entry}`,
      target,
      cwd: ROOT,
      out: `${folder}/dist`,
    });
    return new Built(bundle, folder);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Deno.remove(this.#folder, { recursive: true });
  }
}

function start(name: Runtime, path: string): Promise<ChildServer> {
  return ChildServer.start({
    program: "/usr/bin/env",
    args: ({ port }) => [`PORT=${port}`, "HOST=127.0.0.1", "NO_COLOR=1", runtime(name) ?? "", path],
  });
}

async function copy(from: string, to: string): Promise<void> {
  await Deno.mkdir(to);
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copy(`${from}/${name}`, `${to}/${name}`);
    else await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}
