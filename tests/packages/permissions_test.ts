/** Each feature runs with what docs/permissions.md says that it needs, and with nothing less. */
import { assertEquals, assertMatch } from "@std/assert";
import type { ChildServer } from "../support/child_server.ts";
import { serviceTest, startNats, startRedis } from "../support/services.ts";
import { checkSection, markdownTable } from "../support/written_section.ts";
import { type PermissionRow, PERMISSIONS } from "./permissions.ts";

const CONFIG = new URL("../../deno.json", import.meta.url).pathname;

/** What every program begins with. */
const HEAD = `
import {
  Application, AsyncHTTPClient, configureLogging, DenoKvSessionStore, DictLoader, hashPassword,
  receiveUploads, RequestHandler, SessionMixin, verifyPassword,
} from "@gustnado/gustnado";

const [folder, port] = Deno.args;

async function at(routes, settings, path, init) {
  const server = new Application(routes, settings).listen(0, { hostname: "127.0.0.1" });
  const response = await fetch("http://127.0.0.1:" + server.port + path, init);
  const text = await response.text();
  await server.shutdown();
  return text.trim();
}

/** Whether something can be published; what hinders it is in the log at once. */
async function publish(broker) {
  const app = new Application([], { topics: { "*": { history: 5 } }, broker });
  const late = new Promise((resolve) => setTimeout(resolve, 1_500, null));
  const published = app.publish("news", "first").then(() => true);
  console.log(await Promise.race([published, late]) ?? broker.status);
  Deno.exit();
}
`;

/** A place with files for the programs. */
class Place implements AsyncDisposable {
  readonly folder: string;
  readonly #engine: ChildServer | null;

  private constructor(folder: string, engine: ChildServer | null) {
    this.folder = folder;
    this.#engine = engine;
  }

  static async make({ needs = [] }: PermissionRow): Promise<Place> {
    const folder = await Deno.makeTempDir({ prefix: "gustnado-" });
    for (const name of ["templates", "static", "uploads", "logs", "kv"]) {
      await Deno.mkdir(`${folder}/${name}`);
    }
    await Deno.writeTextFile(
      `${folder}/templates/page.html`,
      "<h1>{{ name }}</h1>",
    );
    await Deno.writeTextFile(`${folder}/static/wind.txt`, "north");
    const engine = needs.includes("redis-server")
      ? await startRedis()
      : needs.includes("nats-server")
      ? await startNats({ log: true })
      : null;
    return new Place(folder, engine);
  }

  /** Runs the program of a row with some permissions. */
  async run(row: PermissionRow, flags: readonly string[]): Promise<Outcome> {
    const path = `${this.folder}/program.js`;
    await Deno.writeTextFile(path, `${row.imports ?? ""}${HEAD}${row.program}`);
    const port = String(this.#engine?.port ?? "");
    const given = flags.map((flag) =>
      flag.replace("{folder}", this.folder)
        .replace("{address}", "127.0.0.1:0")
        .replace("{engine}", `127.0.0.1:${port}`)
    );
    const command = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--no-check",
        "--no-prompt",
        "--config",
        CONFIG,
        ...merged(given),
      ]
        .concat(path, this.folder, port),
      env: { NO_COLOR: "1", PORT: "8080" },
      stdin: "null",
    });
    const { stdout, stderr } = await command.output();
    const [printed = "", complained = ""] = [stdout, stderr]
      .map((bytes) => new TextDecoder().decode(bytes).trim());
    return { printed, complained };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#engine?.stop();
    await Deno.remove(this.folder, { recursive: true });
  }
}

interface Outcome {
  readonly printed: string;
  readonly complained: string;
}

/** Deno takes one flag of a kind, with all its values. */
function merged(flags: readonly string[]): string[] {
  const kinds = Map.groupBy(flags, (flag) => flag.split("=")[0] ?? "");
  return [...kinds].map(([kind, all]) => {
    const values = all.map((flag) => flag.slice(kind.length + 1));
    // Which port a test listens on is not known before.
    return `${kind}=${values.join(",").replace("127.0.0.1:0", "127.0.0.1")}`;
  });
}

for (const row of PERMISSIONS) {
  test(row, async (t) => {
    await using place = await Place.make(row);
    const flags = row.flags.filter((flag) => !redundant(flag, row.flags));
    await t.step(`${flags.join(" ") || "none"} is enough`, async () => {
      const { printed, complained } = await place.run(row, flags);
      assertEquals(printed, row.prints, complained);
    });
    for (const lacking of flags) {
      await t.step(
        `without ${lacking} an error says what is missing`,
        async () => {
          const { printed, complained } = await place.run(
            row,
            flags.filter((each) => each !== lacking),
          );
          const kind = /--allow-(\w+)/.exec(lacking)?.[1];
          assertMatch(
            `${printed}\n${complained}`,
            new RegExp(`Requires ${kind} access|--allow-${kind}`),
          );
        },
      );
    }
  });
}

function test(
  { feature, needs = [] }: PermissionRow,
  fn: (context: Deno.TestContext) => Promise<void>,
): void {
  const name = `permissions: ${feature}`;
  if (needs.length === 0) Deno.test(name, fn);
  else serviceTest(needs, name, fn);
}

/** The programs that talk to an engine listen nowhere. */
function redundant(flag: string, all: readonly string[]): boolean {
  return flag === "--allow-net={address}" &&
    all.includes("--allow-net={engine}");
}

Deno.test("docs/permissions.md has what the tests have tried", async () => {
  const rows = PERMISSIONS.map(({ feature, flags, needs = [] }) => {
    const engine = needs.includes("nats-server") ? "nats:4222" : "redis:6379";
    const all = merged(flags.map((flag) => shown(flag, engine)));
    return [feature, all.map((flag) => `\`${flag}\``).join(" ") || "none"];
  });
  await checkSection(
    "permissions.md",
    "permissions",
    markdownTable([["feature", "permissions"], ...rows]),
  );
});

/** As the page has it. */
function shown(flag: string, engine: string): string {
  return flag.replace("{folder}/", "").replace("{address}", ":8888").replace(
    "{engine}",
    engine,
  );
}
