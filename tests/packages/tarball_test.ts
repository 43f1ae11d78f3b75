/** What npm would publish. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { stop } from "esbuild";
import config from "../../deno.json" with { type: "json" };
import { BuiltPackage, run } from "../support/built_package.ts";
import { NpmRegistry } from "../support/npm_registry.ts";
import { PEER_RUNTIMES, runtime } from "../support/runtimes.ts";
import { serviceTest, startWorkerd } from "../support/services.ts";
import { wranglerBundle } from "../support/wrangler_bundle.ts";

const EDGE = new URL("../../examples/edge/", import.meta.url);

const DOORS = Object.keys(config.exports).map((door) => `${config.name}${door.slice(1)}`);

/** What an application loads: `./testing` brings fake timers, and `./build` needs esbuild. */
const LOADED = DOORS.filter((door) => !/\/(?:testing|build)$/.test(door));

/**
 * Loads the doors, and tells what that has done: to globals, to what they are made of, and whether
 * something keeps the process.
 */
const LOAD = `
const look = () => {
  const seen = new Map();
  for (const name of Reflect.ownKeys(globalThis)) {
    const { value } = Object.getOwnPropertyDescriptor(globalThis, name);
    if (typeof value !== "function") {
      seen.set(String(name), value);
      continue;
    }
    for (const owner of [value, value.prototype ?? {}]) {
      for (const member of Reflect.ownKeys(owner)) {
        const key = String(name) + (owner === value ? "." : "#") + String(member);
        const found = Object.getOwnPropertyDescriptor(owner, member).value;
        // Some are made anew at each look.
        seen.set(key, Array.isArray(found) ? found.join() : found);
      }
    }
  }
  return seen;
};
// Some globals make themselves at the first look.
for (const name of Reflect.ownKeys(globalThis)) void globalThis[name];
await (await fetch("data:,")).text();
const before = look();
for (const door of ${JSON.stringify(LOADED)}) await import(door);
const after = look();
const changed = [...new Set([...before.keys(), ...after.keys()])]
  .filter((key) => !Object.is(before.get(key), after.get(key)));
console.log(JSON.stringify(changed));
`;

/** A peer that only those install who build on another runtime than Deno. */
const ESBUILD = config.imports["esbuild"].replace(/^npm:/, "");
const APPLICATION = `
import { Application, RequestHandler } from "${config.name}";
class Main extends RequestHandler {
  get() {
    this.write("built");
  }
}
export default new Application([["/", Main]]);
`;
/** Names what reads translations, too. */
const TRANSLATED = `
${APPLICATION}
import { locale } from "${config.name}";
export { locale };
locale.addTranslations("de", "Hello,Hallo");
`;

const GETTEXT = `
import { locale } from "${config.name}";
await locale.addGettextTranslations("fr", 'msgid "cart"\\nmsgstr "panier"\\n');
console.log(locale.get("fr").translate("cart"));
`;

serviceTest(["npm", "workerd", ...PEER_RUNTIMES], "tarball", async (t) => {
  await using built = await BuiltPackage.make();
  const { files, tarball } = await built.pack();
  const manifest = JSON.parse(
    await Deno.readTextFile(`${built.folder}/package.json`),
  );

  await t.step(
    "it has modules, declarations and papers, and nothing else",
    () => {
      const kinds =
        /^(?:[\w-]+\.js|(?:workerd\/)?chunks\/[\w-]+\.js|workerd\/[\w-]+\.js|platform\/\w+\.js|types\/node\/.+\.d\.ts|modules\/(?:mod\.ts|deno\.json|src\/.+\.ts)|package\.json|README\.md|CHANGELOG\.md|LICENSE|NOTICES)$/;
      assertEquals(files.filter((path) => !kinds.test(path)), []);
    },
  );

  await t.step("it tells nothing of the machine that made it", async () => {
    const root = new URL("../../", import.meta.url).pathname;
    for (const path of files) {
      const text = await Deno.readTextFile(`${built.folder}/${path}`);
      for (const place of [root, "/npm/registry."]) assert(!text.includes(place), path);
    }
  });

  await t.step("it is smaller than 1.8 MB", async () => {
    assert((await Deno.stat(tarball)).size < 1_800_000);
  });

  await t.step("what the manifest names is in it", () => {
    const named = [
      ...Object.values(manifest.exports),
      ...Object.values(manifest.imports),
    ]
      .flatMap((conditions) => Object.values(conditions as Record<string, string>))
      .filter((path) => path.startsWith("./"))
      .map((path) => path.slice("./".length));
    assertEquals(named.filter((path) => !files.includes(path)), []);
  });

  await t.step("types come first, and what is for all comes last", () => {
    for (
      const [door, conditions] of Object.entries(
        manifest.exports as Record<string, object>,
      )
    ) {
      const isProgram = /^\.\/(?:build|dev|init|load)$/.test(door);
      const own = isProgram ? [] : ["workerd"];
      assertEquals(Object.keys(conditions), ["types", ...own, "default"]);
    }
    for (
      const conditions of Object.values(
        manifest.imports as Record<string, object>,
      )
    ) {
      assertEquals(Object.keys(conditions).at(-1), "default");
    }
  });

  await t.step(
    "a declaration names its neighbours with an ending, as Node wants it",
    async () => {
      for (const path of files.filter((each) => each.endsWith(".d.ts"))) {
        const text = await Deno.readTextFile(`${built.folder}/${path}`);
        for (
          const [, specifier] of text.matchAll(
            /^(?:import|export) .*from "(\.[^"]*)";$/gm,
          )
        ) {
          assertMatch(specifier ?? "", /\.js$/, path);
        }
      }
    },
  );

  await t.step(
    "the module of a runtime has no other runtime in it",
    async () => {
      const read = async (path: string): Promise<string> => {
        const text = await Deno.readTextFile(`${built.folder}/${path}`);
        const chunks = [
          ...text.matchAll(/from"\.\.?\/(?:chunks\/)?(platform(?:-\w+)?\.js)"/g),
        ];
        const names = new Set(
          chunks.map(([, name]) => `chunks/${name}`).filter((each) => each !== path),
        );
        return text + (await Promise.all([...names].map(read))).join("");
      };
      const has = /\bDeno\.serve\b|\bBun\.serve\b|(?<!")WebSocketPair\b/;
      assert(!has.test(await read("platform/default.js")));
      assertMatch(await read("platform/deno.js"), /Deno\.serve/);
      assert(!/Deno\.serve/.test(await read("platform/workerd.js")));
    },
  );

  const folder = await built.installed("application", [ESBUILD]);
  await t.step("an application beside it is built by it, and runs", () => checkBuild(folder));

  await t.step("an application in a project of Deno is built by it, without esbuild", async () => {
    await using registry = await NpmRegistry.serve(built);
    const project = await built.place("project");
    await registry.configure(project);
    const imports = { [config.name]: `npm:${config.name}` };
    await Deno.writeTextFile(`${project}/deno.json`, JSON.stringify({ imports }));
    await checkBuild(project);
  });

  await t.step("esbuild bundles an application for Workers, as the guide has it", async () => {
    const guide = await Deno.readTextFile(new URL("README.md", EDGE));
    const [, flags = ""] = /`esbuild (--bundle .+) app\.ts`/.exec(guide) ?? [];
    const args = [...flags.split(" "), "app.js", "--outfile=worker.js"];
    const esbuild = "node_modules/esbuild/bin/esbuild";
    await run(runtime("node@22") ?? "", [esbuild, ...args], folder);
    const text = await Deno.readTextFile(`${folder}/worker.js`);
    await using worker = await startWorkerd({ "worker.js": text });
    const response = await fetch(`http://127.0.0.1:${worker.port}/`);
    assertEquals(await response.text(), "built");
  });

  await t.step("wrangler finds all that it bundles, with no module of Node", async () => {
    for (const text of [APPLICATION, TRANSLATED]) await wranglerBundle(text, folder);
    await stop();
  });

  await t.step("esbuild bundles it for browsers, without what needs a module of Node", async () => {
    await Deno.writeTextFile(`${folder}/translated.js`, TRANSLATED);
    const args = "--bundle --format=esm --platform=browser translated.js --outfile=plain.js";
    const esbuild = "node_modules/esbuild/bin/esbuild";
    await run(runtime("node@22") ?? "", [esbuild, ...args.split(" ")], folder);
    const { default: app, locale } = await import(`${folder}/plain.js`);
    const response: Response = await app.fetch(new Request("http://localhost/"));
    assertEquals(await response.text(), "built");
    const error = await assertRejects(() => locale.addGettextTranslations("fr", ""));
    assertMatch(String(error), /^UnsupportedFeatureError: Cannot use .+ locale.addTranslations/);
  });

  for (const name of ["node@22", "deno"] as const) {
    await t.step(`its build says on ${name} that it needs esbuild`, async () => {
      await Deno.writeTextFile(`${folder}/build.js`, `await import("${config.name}/build");`);
      const modules = `${folder}/node_modules`;
      await Deno.rename(`${modules}/esbuild`, `${folder}/esbuild`);
      const args = [...name === "deno" ? ["run", "-A", "--quiet"] : [], "build.js"];
      const command = new Deno.Command(runtime(name) ?? "", { args, cwd: folder });
      const { code, stderr } = await command.output();
      await Deno.rename(`${folder}/esbuild`, `${modules}/esbuild`);
      const said = `Cannot build without esbuild: run npm install --save-dev ${ESBUILD}`;
      assertStringIncludes(new TextDecoder().decode(stderr), said);
      assertEquals(code, 1);
    });
  }

  await Deno.writeTextFile(`${folder}/load.js`, LOAD);
  await Deno.writeTextFile(`${folder}/gettext.js`, GETTEXT);
  for (
    const name of [
      ...PEER_RUNTIMES.filter((each) => each !== "npm"),
      "deno",
    ] as const
  ) {
    const printed = (program: string) => {
      const flags = name === "deno" ? ["run", "-A", "--no-check", "--quiet"] : [];
      return run(runtime(name) ?? "", [...flags, `${folder}/${program}`], folder);
    };

    await t.step(
      `to load it changes nothing on ${name}, and keeps nothing running`,
      async () => assertEquals(JSON.parse(await printed("load.js")), []),
    );

    await t.step(`it reads gettext catalogues on ${name}`, async () => {
      assertEquals((await printed("gettext.js")).trim(), "panier");
    });
  }
});

/** Builds an application in a folder that finds the package, and asks it. */
async function checkBuild(folder: string): Promise<void> {
  await Deno.writeTextFile(`${folder}/app.js`, APPLICATION);
  const options = ["app.js", "--target", "deno", "--out", "built"];
  await run(Deno.execPath(), ["run", "-A", `npm:${config.name}/build`, ...options], folder);
  const { default: app } = await import(`${folder}/built/app.js`);
  const response: Response = await app.fetch(new Request("http://localhost/"));
  assertEquals(await response.text(), "built");
}
