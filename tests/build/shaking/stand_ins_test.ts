/** What stands in the place of functions of the library. */
import { assert, assertEquals, assertNotMatch, assertStringIncludes } from "@std/assert";
import { withEsbuild } from "../../../src/build/esbuild_service.ts";
import { libraryFile } from "../../../src/build/library.ts";
import { foldAbsent } from "../../../src/build/shaking/feature_folding.ts";
import {
  CALLED_AT_IMPORT,
  constantCalls,
  STAND_INS,
  standInsFor,
} from "../../../src/build/shaking/stand_ins.ts";
import type { Target } from "../../../src/build/target.ts";

const TARGETS: readonly Target[] = ["workers", "deno", "bun", "node"];
const NONE: ReadonlySet<string> = new Set();

interface Found {
  readonly target: Target;
  readonly given?: readonly string[];
  readonly called?: readonly string[];
  readonly imports?: readonly string[];
}

/** The functions of a module that something stands for. */
function namesIn(module: string, found: Found): string[] {
  return Object.keys(textsIn(module, found));
}

/** What stands for functions of a module, by their names. */
function textsIn(
  module: string,
  { target, given = [], called = [], imports = [] }: Found,
): Record<string, string> {
  const { functions, constants } = standInsFor({
    target,
    given: new Set(given),
    called: new Set(called),
    imports: imports.map((name) => ["mod.ts", name] as const),
  }).get(libraryFile(module)) ?? { functions: {}, constants: {} };
  return { ...functions, ...constants };
}

const ROWS = STAND_INS.flatMap(({ functions, constants, ...more }) =>
  Object.entries({ ...functions, ...constants }).map(([name, text]) => ({ name, text, ...more }))
);

for (const { module, name, text, unless = [], targets = TARGETS } of ROWS) {
  Deno.test(`${name} of ${module} is there, and stands in unless something needs it`, async () => {
    const source = await Deno.readTextFile(libraryFile(module));
    const declared = new RegExp(`^(?:export )?(?:async )?(?:function|class) ${name}\\b`, "m");
    assert(declared.test(source), `${module} has no ${name} at its top`);
    for (const target of TARGETS) {
      const isThere = targets.includes(target);
      assertEquals(namesIn(module, { target }).includes(name), isThere, target);
    }
    for (const keeping of [name, ...unless]) {
      for (const target of TARGETS) {
        const found = textsIn(module, { target, given: [keeping] });
        assert(found[name] !== text, `${target}, ${keeping}`);
      }
    }
  });
}

Deno.test("reasons are those of the statuses that can come up", () => {
  const module = "http/status_text.ts";
  const target = "workers";
  assertEquals(namesIn(module, { target, imports: ["RequestHandler"] }), ["reasonPhrase"]);
  assertEquals(namesIn(module, { target, imports: ["RequestHandler", "authenticated"] }), []);
  assertEquals(namesIn(module, { target, imports: ["*"] }), []);
});

Deno.test("functions that were called at import stay, and those that are named", async () => {
  for (const { module, name, unless = [] } of CALLED_AT_IMPORT) {
    assertStringIncludes(
      await Deno.readTextFile(libraryFile(module)),
      `\nexport function ${name}(`,
    );
    const target = "deno";
    assert(namesIn(module, { target }).includes(name));
    assertEquals(namesIn(module, { target, called: [name] }).includes(name), false);
    for (const keeping of [name, ...unless]) {
      assertEquals(namesIn(module, { target, given: [keeping] }).includes(name), false);
    }
  }
});

const FOLDING = {
  settings: new Map<string, string>(),
  traits: NONE,
  classes: NONE,
  platform: new Map<string, string>(),
  globals: NONE,
  constants: new Map<string, string>(),
};

Deno.test("calls that are not made are what they give, under whatever name they are imported", async () => {
  const path = libraryFile("web/application.ts");
  const standIns = standInsFor({ target: "workers", given: NONE, called: NONE, imports: [] });
  const text = `import { accessLog as log, logWarning } from "../log.ts";
import { generalLog } from "./log.ts";
export function serve(request) {
  const found = log();
  if (found !== undefined) found.info(costly(request));
  if (logsAccess(request)) watch(request);
  generalLog();
  logWarning("stays");
}`;
  const calls = constantCalls(path, text, standIns);
  assertEquals([calls.get("log"), calls.get("logsAccess")], ["void 0", "false"]);
  assertEquals(calls.has("generalLog"), false);
  const folded = await withEsbuild(() => foldAbsent(text, { ...FOLDING, calls }));
  assertNotMatch(folded, /costly|watch|found/);
  assertStringIncludes(folded, 'logWarning("stays")');
  assertStringIncludes(folded, "generalLog()");
});
