import { assertEquals, assertMatch, assertNotMatch, assertStringIncludes } from "@std/assert";
import { withEsbuild } from "../../../src/build/esbuild_service.ts";
import {
  type AbsentFeatures,
  foldAbsent,
  traitsIn,
} from "../../../src/build/shaking/feature_folding.ts";
import { LiveNames } from "../../../src/build/shaking/live_names.ts";
import { cutModule, withNotices } from "../../../src/build/shaking/module_cutting.ts";
import { outlineOf } from "../../../src/build/shaking/module_outline.ts";

type Modules = Readonly<Record<string, string>>;

/** What is left of modules `a`, `b`, … of which `a` is where an application comes in. */
async function shaken(
  modules: Modules,
  roots: { readonly members?: string[]; readonly imports: string[] },
): Promise<Readonly<Record<string, string>>> {
  const live = await liveOf(modules, roots.imports, roots.members);
  return Object.fromEntries(
    [...live.paths].sort().map((path) => {
      const module = live.module(path);
      const { text, leftOut } = module === undefined
        ? { text: "", leftOut: new Map() }
        : cutModule(modules[path] ?? "", module);
      const noted = withNotices(text, outlineOf(text, { writesCode: false }), leftOut);
      return [path, noted.replace(/\s+/g, " ").replace(/^ | $/g, "")];
    }),
  );
}

async function liveOf(
  modules: Modules,
  imports: readonly string[],
  members: readonly string[] = [],
): Promise<LiveNames> {
  const outlines = new Map(
    Object.entries(modules).map(([name, text]) => [name, outlineOf(text, { writesCode: false })]),
  );
  const live = new LiveNames({
    outline: (path) => Promise.resolve(outlines.get(path) ?? outlineOf("", { writesCode: false })),
    resolve: (specifier) => specifier.replace("./", ""),
    foreignNames: () => null,
  });
  await live.follow({ members, imports: imports.map((name) => ["a", name] as const) });
  return live;
}

/** Without the lines about what was left out. */
const plain = (text: string | undefined) =>
  text?.replace(/ static \{ gustnadoLeftOut[^}]*\}/g, "")
    .replace(/ ?import \{ gustnadoLeftOut \}[^;]*;/g, "").trim();

Deno.test("a function is left out that no live code names", async () => {
  const { a } = await shaken({
    a: "export function used() { return inner(); } function inner() {} export function other() {}",
  }, { imports: ["used"] });
  assertEquals(a, "export function used() { return inner(); } function inner() {}");
});

Deno.test("a member is left out whose name is used nowhere, of whatever object", async () => {
  const { a } = await shaken({
    a: `export class Kite { fly() { this.#lift(); } land() { this.#drop(); } #lift() {} #drop() {} }
      export function tell(bird) { bird.land(); }`,
  }, { imports: ["Kite"], members: ["fly"] });
  assertEquals(plain(a), "export class Kite { fly() { this.#lift(); } #lift() {} }");
});

Deno.test("a member stays whose name is that of another object's in live code", async () => {
  const { a } = await shaken({
    a: "export class Kite { land() {} } export function tell(bird) { bird.land(); }",
  }, { imports: ["Kite", "tell"] });
  assertStringIncludes(a ?? "", "land() {}");
});

for (
  const [how, use] of Object.entries({
    "a text": 'check(kite, "land")',
    "a destructured name": "const { land } = kite; land()",
    "an optional call": "kite.land?.()",
    "the operator in": '"land" in kite',
  })
) {
  Deno.test(`${how} names a member`, async () => {
    const { a } = await shaken({
      a: `export class Kite { land() {} } export function tell(kite, check) { ${use}; }`,
    }, { imports: ["Kite", "tell"] });
    assertStringIncludes(a ?? "", "land() {}");
  });
}

Deno.test("the key of an object that is written out names nothing", async () => {
  const { a } = await shaken({
    a: "export class Kite { land() {} } export const names = { land: 1 };",
  }, { imports: ["Kite", "names"] });
  assertNotMatch(a ?? "", /land\(\)/);
});

Deno.test("members that the language or the runtime calls stay", async () => {
  const { a } = await shaken({
    a: `export class Kite extends EventTarget {
      toJSON() {} handleEvent() {} dispatchEvent() {} [Symbol.iterator]() {} other() {} }`,
  }, { imports: ["Kite"] });
  assertEquals(
    plain(a),
    "export class Kite extends EventTarget { toJSON() {} handleEvent() {} dispatchEvent() {} " +
      "[Symbol.iterator]() {} }",
  );
});

Deno.test("imports and exports go with what they are for", async () => {
  const left = await shaken({
    a: `import { b1, b2 } from "./b"; import * as c from "./c"; export * from "./d";
      export { e1 } from "./e"; export function used() { b1(); } export function other() { b2(c); }`,
    b: "export function b1() {} export function b2() {}",
    c: "export function c1() {}",
    d: "export function d1() {} export function d2() {}",
    e: "export function e1() {}",
  }, { imports: ["used", "d1"] });
  assertEquals(left, {
    a: 'import { b1, } from "./b"; export * from "./d"; export function used() { b1(); }',
    b: "export function b1() {}",
    d: "export function d1() {}",
  });
});

Deno.test("of a namespace those exports stay whose names are used as members", async () => {
  const { b } = await shaken({
    a: 'import * as b from "./b"; export function used() { b.one(); }',
    b: "export function one() {} export function two() {}",
  }, { imports: ["used"] });
  assertEquals(b, "export function one() {}");
});

Deno.test("what is imported while the code runs stays like a namespace", async () => {
  const { b } = await shaken({
    a: 'export async function used() { const { one } = await import("./b"); one(); }',
    b: "export function one() {} export function two() {}",
  }, { imports: ["used"] });
  assertEquals(b, "export function one() {}");
});

Deno.test("a variable that a class sets when it is defined keeps the class", async () => {
  const { a } = await shaken({
    a: `export let partsOf; export class Kite { #parts; static { partsOf = (kite) => kite.#parts; } }
      export function other() {}`,
  }, { imports: ["partsOf"] });
  assertStringIncludes(a ?? "", "partsOf = (kite)");
});

Deno.test("a variable that a class sets goes when nothing names it", async () => {
  const { a } = await shaken({
    a: `let partsOf; let other; export class Kite { #parts; static {
        partsOf = (kite) => kite.#parts; other = () => costly(); } }
      export function use() { return partsOf; } function costly() {}`,
  }, { imports: ["Kite", "use"] });
  assertStringIncludes(a ?? "", "partsOf = (kite)");
  assertNotMatch(a ?? "", /other|costly/);
});

Deno.test("a class that has lost members says which, and still takes them from those below it", async () => {
  const { a } = await shaken({ a: "export class Kite { fly() {} land() {} }" }, {
    imports: ["Kite"],
    members: ["fly"],
  });
  assertStringIncludes(a ?? "", 'static { gustnadoLeftOut(this.prototype, "land"); }');
});

Deno.test("one variable of several goes without the others", async () => {
  const { a } = await shaken({
    a: "const one = f(), two = g(); export function used() { two; } function f() {} function g() {}",
  }, {
    imports: ["used"],
  });
  assertEquals(a, "const one = 0 , two = g(); export function used() { two; } function g() {}");
});

Deno.test("absent settings and traits fold their branches away", async () => {
  const absent = {
    settings: new Map([["debug", "false"], ["own", "void 0"], ["graceMs", "10000"]]),
    calls: new Map(),
    platform: new Map([["joinable", "void 0"]]),
    traits: new Set(["hasOnFinish"]),
    globals: new Set(["URLPattern"]),
  };
  const text = `export function start(settings, exchange) {
    const { xheaders } = settings;
    if (settings.debug) begin();
    const { own = 1 } = settings;
    if (settings.own !== undefined) use(settings.own);
    if (exchange.traits.hasOnFinish) exchange.finish();
    if (typeof URLPattern === "function") use(URLPattern);
    return [xheaders, own];
  }`;
  const folded = await withEsbuild(() => foldAbsent(text, absent));
  assertNotMatch(folded, /begin|use|finish|URLPattern/);
  assertStringIncludes(folded, "xheaders");
  assertStringIncludes(folded, "[xheaders, 1]");
});

Deno.test("parts that an application never has fold their branches away", async () => {
  const absent = {
    settings: new Map(),
    calls: new Map(),
    platform: new Map(),
    traits: new Set<string>(),
    globals: new Set<string>(),
    parts: new Set(["development"]),
  };
  const text = `export function refresh(body, exchange, { development }) {
    if (exchange.parts.development?.owns(exchange)) return;
    use(development);
    return exchange.parts.development?.refresh(body) ?? body;
  }`;
  const folded = await withEsbuild(() => foldAbsent(text, absent));
  assertNotMatch(folded, /owns|\.refresh/);
  assertStringIncludes(folded, "use(development)");
  assertMatch(folded, /\bbody;/);
});

const ABSENT: AbsentFeatures = {
  settings: new Map([["debug", "false"], ["graceMs", "10000"]]),
  traits: new Set(),
  calls: new Map(),
  platform: new Map([["joinable", "void 0"], ["calledByRuntimeServer", "false"]]),
  globals: new Set(),
};

/** What is left of some code, without white space. */
async function foldedOf(text: string): Promise<string> {
  return (await withEsbuild(() => foldAbsent(text, ABSENT))).replace(/\s+/g, "");
}

Deno.test("a setting that nobody gives is its default, and has no row in a table", async () => {
  assertEquals(
    await foldedOf(
      'f(settingOf(SERVER_SETTINGS, given, "graceMs"), settingOf(T, given, "drainMs"))',
    ),
    'f(1e4,settingOf(T,given,"drainMs"));',
  );
  assertEquals(
    await foldedOf("export const A_SETTINGS = { debug: B, drainMs: { ...C, default: 0 } };"),
    "exportconstA_SETTINGS={drainMs:{...C,default:0}};",
  );
  const other = "export const TYPES = { debug: BOOLEAN };";
  assertEquals(await foldedOf(other), other.replace(/\s+/g, ""));
});

Deno.test("what the platform always answers is not asked", async () => {
  assertEquals(
    await foldedOf(
      "f(this.platform.joinable?.(own) ?? own); if (platform.calledByRuntimeServer()) g();",
    ),
    "f(own);",
  );
  assertEquals(await foldedOf("f(other.joinable?.(own));"), "f(other.joinable?.(own));");
});

Deno.test("a class is not needed by those who only ask for its instances", async () => {
  const asks = "export function ask(a) { return a instanceof Kite; }";
  const alone = await liveOf(
    { a: `${asks} class Kite {} export function make() { new Kite(); }` },
    ["ask"],
  );
  assertEquals(Object.fromEntries(alone.uninstantiated), { a: new Set(["Kite"]) });
  assertEquals(alone.module("a")?.uses("Kite"), false);
  const made = await liveOf({ a: `${asks} class Kite {} export function make() { new Kite(); }` }, [
    "ask",
    "make",
  ]);
  assertEquals(made.module("a")?.uses("Kite"), true);
});

Deno.test("the class may be another module's, under another name", async () => {
  const modules = {
    a: 'import { Kite as Bird } from "./b"; export function ask(a) { return a instanceof Bird; }\n' +
      'import { make } from "./c"; export function begin() { make(); }',
    b: 'export { Kite } from "./d";',
    c: 'import { Kite } from "./d"; export function make() { return new Kite(); }',
    d: "export class Kite {}",
  };
  const alone = await liveOf(modules, ["ask"]);
  assertEquals(alone.module("a")?.uses("Bird"), false);
  const made = await liveOf(modules, ["ask", "begin"]);
  assertEquals(made.module("a")?.uses("Bird"), true);
});

Deno.test("a variable that holds a class, or one of the runtime, may have instances", async () => {
  const text =
    "const Found = f().constructor; export function ask(a) { return a instanceof Found || a instanceof Error; }";
  const live = await liveOf({ a: text }, ["ask"]);
  assertEquals(live.module("a")?.uses("Found"), true);
  assertEquals([...live.uninstantiated.get("a") ?? []], []);
});

Deno.test("traits are known with the hooks that they are about", () => {
  const text = `return { hasOnFinish: own.onFinish !== base.onFinish, hasSession: "session" in own,
    asyncUser: own.getCurrentUser instanceof AsyncFunction };`;
  assertEquals([...traitsIn(text)].sort(), [
    ["asyncUser", "getCurrentUser"],
    ["hasOnFinish", "onFinish"],
    ["hasSession", "session"],
  ]);
});
