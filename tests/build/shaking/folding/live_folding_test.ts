/** What of a library is left when nothing more can be folded: each rule where it holds, and where it must not. */
import { assertEquals } from "@std/assert";
import { libraryFile } from "../../../../src/build/library.ts";
import { shake } from "../../../../src/build/shaking/shake.ts";
import { withEsbuild } from "../../../../src/build/esbuild_service.ts";

const KITE = libraryFile("kite.ts");
const REEL = libraryFile("reel.ts");

/** What an application is to some modules. */
interface Application {
  /** The names in it. */
  readonly names?: string[];
  /** The text of another module, `./reel.ts`. */
  readonly reel?: string;
}

/** What is left of a module of which an application imports `fly`, on one line. */
async function left(kite: string, { names = [], reel = "" }: Application = {}): Promise<string> {
  const texts = new Map([[KITE, kite], [REEL, reel]]);
  const { modules } = await withEsbuild(() =>
    shake({
      textOf: (path) => Promise.resolve(texts.get(path) ?? ""),
      names: new Set(["fly", ...names]),
      settings: [],
      allSettings: new Map([["kiteOnGust", "void 0"]]),
      target: "deno",
      computesNames: true,
      called: new Set(),
      platform: new Map(),
      imports: [[KITE, "fly"]],
      foreignNames: () => null,
      remember: (_key, _isFinding, find) => find(),
    })
  );
  return (modules.get(KITE) ?? "").replace(/ static \{ gustnadoLeftOut[^}]*\}/g, "")
    // The bundler leaves out an import of nothing later.
    .replace(/import (?:\{ gustnadoLeftOut \} from )?"[^"]*";/g, "").replace(/\s+/g, " ").trim();
}

/** The same of an application's function in a class. */
const inKite = (members: string, use: string) =>
  `class Kite { ${members} } export function fly(a) { const kite = new Kite(); ${use} }`;

type Cases = Readonly<Record<string, readonly [text: string, left: string, app?: Application]>>;

const FOLDED: Cases = {
  "a private field that nothing sets is what it is at first": [
    inKite(
      "#wind = null; lift() { return this.#wind === null ? 1 : this.#wind.lift(); }",
      "return kite.lift();",
    ),
    "class Kite { lift() { return 1; } } export function fly(a) { return new Kite().lift(); }",
  ],
  "a private field that is set in what is left out": [
    inKite(
      "#wind; catchWind(wind) { this.#wind = wind; } lift() { return this.#wind?.lift() ?? 1; }",
      "return kite.lift();",
    ),
    "class Kite { lift() { return 1; } } export function fly(a) { return new Kite().lift(); }",
  ],
  "a private field that the constructor sets to a constant": [
    inKite(
      "#isUp; constructor() { this.#isUp = false; } lift() { return this.#isUp || g(); }",
      "return kite.lift();",
    ),
    "class Kite { constructor() { } lift() { return g(); } } export function fly(a) { return new Kite().lift(); }",
  ],
  "a private method is left out with the last call of it": [
    inKite(
      "#isUp = false; lift() { this.#isUp && this.#drop(); g(); } #drop() { h(); }",
      "kite.lift();",
    ),
    "class Kite { lift() { g(); } } export function fly(a) { new Kite().lift(); }",
  ],
  "a field is one constant whatever object it is read of": [
    inKite("wound = false; lift() { g(); }", "a.wound && h(); kite.lift();"),
    "class Kite { lift() { g(); } } export function fly(a) { new Kite().lift(); }",
  ],
  "a getter of a constant is one": [
    inKite(
      "get wind() { return null; } lift() { return this.wind?.force ?? g(); }",
      "return kite.lift();",
    ),
    "class Kite { lift() { return g(); } } export function fly(a) { return new Kite().lift(); }",
  ],
  "a member is not looked for of what may not be there, if it decides nothing": [
    inKite("get wind() { return null; }", "return a?.wind ?? g(kite);"),
    "class Kite { } export function fly(a) { const kite = new Kite(); return g(kite); }",
  ],
  "a pattern takes constants": [
    inKite(
      "wound = false; lift() { const { wound, height } = this; return wound || height; }",
      "return kite.lift();",
    ),
    "class Kite { lift() { const { height } = this; return height; } } " +
    "export function fly(a) { return new Kite().lift(); }",
  ],
  "a pattern in a pattern takes them, and one of a parameter": [
    "class Kite { wound = false; height = h(); } function lift({ wound, by }) { return wound || by; } " +
    "export function fly(a) { const { kite: { wound } } = a; return wound ? 1 : lift(new Kite(a.height)); }",
    "class Kite { height = h(); } function lift({ by }) { return by; } " +
    "export function fly(a) { return lift(new Kite(a.height)); }",
  ],
  "options that are never given": [
    "function lift(kite, { by = 1, up } = {}) { return up ? g(kite) : h(kite, by); } export function fly(a) { lift(a); lift(1); }",
    "function lift(kite) { return h(kite, 1); } export function fly(a) { lift(a), lift(1); }",
  ],
  "a field that is only set is left out": [
    inKite("seen = 0; lift() { this.seen = g(); }", "kite.lift();"),
    "class Kite { lift() { g(); } } export function fly(a) { new Kite().lift(); }",
  ],
  "a method that does nothing is not called": [
    inKite("land() {}", "kite.land(); a?.land(); return g(kite);"),
    "class Kite { } export function fly(a) { const kite = new Kite(); return g(kite); }",
  ],
  "a function that gives a constant is not called": [
    "function isUp(kite) { return false; } export function fly(a) { return isUp(a.b) ? g() : h(); }",
    "export function fly(a) { return h(); }",
  ],
  "what its arguments do is done": [
    "function isUp(kite) { return false; } export function fly(a) { return isUp(g()) ? 1 : 2; }",
    "export function fly(a) { return g(), 2; }",
  ],
  "a function of another module": [
    'import { isUp } from "./reel.ts"; export function fly(a) { return isUp(a) ? g() : h(); }',
    "export function fly(a) { return h(); }",
    { reel: "export function isUp(kite) { return false; }" },
  ],
  "a parameter that is never given": [
    "function lift(kite, by = 1, up) { return up ? g(kite) : h(kite, by); } export function fly(a) { lift(a); lift(1); }",
    "function lift(kite) { return h(kite, 1); } export function fly(a) { lift(a), lift(1); }",
  ],
  "a parameter that is always the same, also where a function calls itself": [
    "function lift(kite, up) { return up ? g(kite) : lift(h(), up); } export function fly(a) { lift(a, true); }",
    "function lift(kite) { return g(kite); } export function fly(a) { lift(a); }",
  ],
  "a parameter of a constructor, and of super()": [
    `class Bird { constructor(a, isUp) { g(a, isUp); } } class Kite extends Bird { constructor() { super(1, false); } }
      export function fly(a) { new Kite(); new Bird(a, false); }`,
    "class Bird { constructor(a) { g(a, !1); } } class Kite extends Bird { constructor() { super(1); } } " +
    "export function fly(a) { new Kite(), new Bird(a); }",
  ],
  "a parameter of a method": [
    inKite("lift(by, up) { g(up, this.height) ; }", "kite.lift(a, 2); kite.lift(h, 2);"),
    "class Kite { lift() { g(2, this.height); } } " +
    "export function fly(a) { const kite = new Kite(); kite.lift(), kite.lift(); }",
  ],
  "a variable that holds a constant, in whatever module": [
    'import { MOST } from "./reel.ts"; const LEAST = 1; let last; export function fly(a) { return last ?? g(LEAST, MOST); }',
    "export function fly(a) { return g(1, null); }",
    { reel: "export const MOST = null;" },
  ],
  "a long text that is compared": [
    'const WIND = "the wind from the far and cold north"; export function fly(a) { return WIND === void 0 || g(WIND, WIND); }',
    'const WIND = "the wind from the far and cold north"; export function fly(a) { return g(WIND, WIND); }',
  ],
  "a variable that nobody reads": [
    "export function fly(a) { const { b, c } = a, d = a.d; return b; }",
    "export function fly(a) { const { b } = a; return b; }",
  ],
  "a loop over nothing": [
    inKite(
      "#all; lift() { for (const each of this.#all?.list() ?? []) g(each); h(); }",
      "kite.lift();",
    ),
    "class Kite { lift() { h(); } } export function fly(a) { new Kite().lift(); }",
  ],
  "what is set just before it is asked for": [
    "export function fly(a) { let b = g(); if (h(b), b = void 0, b !== void 0 && g()) return 1; return b; }",
    "export function fly(a) { let b = g(); return h(b), b = void 0, void 0; }",
  ],
  "an instance of a class of which there is none": [
    "class Kite {} export function fly(a) { return a instanceof Kite ? g() : h(); }",
    "export function fly(a) { return h(); }",
  ],
};

for (const [rule, [text, expected, application]] of Object.entries(FOLDED)) {
  Deno.test(`folded: ${rule}`, async () => {
    assertEquals(await left(text, application), expected);
  });
}

const KEPT: Readonly<Record<string, readonly [text: string, app?: Application]>> = {
  "a field that the application names": [
    inKite("wound = false;", "return a.wound || kite;"),
    { names: ["wound"] },
  ],
  "the name of a module that is left to the runtime": [
    'const WIND = "runtime:wind"; export function fly(a) { return import(WIND); }',
  ],
  "a field that live code sets": [
    inKite("#up = false; lift() { return this.#up = !this.#up; }", "return kite.lift();"),
  ],
  "a field that somebody may look at before the constructor sets it": [
    inKite(
      "#up; constructor() { this.lift(), this.#up = true; } lift() { return g(this.#up, this); }",
      "return kite.lift();",
    ),
  ],
  "a method of what a runtime is handed": [
    `class Kite { start() { return g(this); } } class Reel { start(controller) { return h(controller); } }
      export function fly(a) { return new Kite().start(), new ReadableStream(new Reel()); }`,
  ],
  "a field that is counted": [
    inKite("#n = 0; lift() { return this.#n++; }", "return kite.lift();"),
  ],
  "a field that a pattern sets": [
    inKite("#n = 0; lift() { [this.#n] = g(); return this.#n; }", "return kite.lift();"),
  ],
  "a field whose name is a text": [
    inKite("wound = false;", 'g(kite, "wound"); return kite.wound;'),
  ],
  "a field whose name a key has": [inKite("wound = false;", "return g({ wound: 1 }), kite.wound;")],
  "a key that an object may not have": [
    "export function fly(a) { return g({ wound: true }), a.wound ? 1 : 2; }",
  ],
  "a key that an object may not have, and what writes it is left out": [
    `import { turn } from "./reel.ts"; class Kite { wound = null; }
      export function fly(a) { const kite = new Kite(); return turn(kite, a.wound === void 0); }`,
    {
      reel: "export function turn(a, by) { return g(a, by); } " +
        "export function unused(wound) { return g({ wound }); }",
    },
  ],
  "a field that has the name of a member of the runtime": [
    inKite("status = null;", "return a.status ?? kite;"),
  ],
  "a text, which others may have otherwise": [
    inKite('kind = "kite";', 'return a.kind === "reel" || kite;'),
  ],
  "a member that is named after a setting": [
    inKite("get onGust() { return null; }", "return kite.onGust ?? g();"),
  ],
  "a getter that a subclass of another kind has too": [
    `class Kite { get wind() { return null; } } class Bird extends Kite { get wind() { return g(); } }
      export function fly(a) { return new (a ? Kite : Bird)().wind; }`,
  ],
  "a member behind ?. that is no nothing": [
    inKite("get wind() { return false; }", "return [a?.wind.b, kite];"),
  ],
  "a method that the application may override": [
    inKite("land() {} lift() { this.land(); }", "kite.lift();"),
    { names: ["land"] },
  ],
  "a method that one class has otherwise": [
    `class Kite { land() {} } class Bird { land() { g(); } }
      export function fly(a) { new Kite().land(); new Bird().land(); }`,
  ],
  "an async function": [
    "async function lift() {} export function fly(a) { return lift(); }",
  ],
  "a parameter of a function that is handed on": [
    "function lift(by, up) { return g(by, up); } export function fly(a) { lift(a); return h(lift); }",
  ],
  "a parameter of a function that the application imports": [
    "export function fly(a, by = 1) { return a ? g(by) : fly(1); }",
  ],
  "options that one call gives": [
    "function lift({ by = 1 } = {}) { return g(by); } export function fly(a) { lift(); lift(a); }",
  ],
  "a name in a pattern that takes the rest": [
    "export function fly(a) { const { by, ...rest } = a; return rest; }",
  ],
  "a name in a pattern that sets what there is": [
    "let last; export function fly(a) { const b = last; return { last } = a, b; }",
  ],
  "a parameter where a list is spread": [
    "function lift(by, up) { return g(by, up); } export function fly(a) { lift(a); lift(...a); }",
  ],
  "a parameter that is set": [
    "function lift(by, up) { return up ??= by, up; } export function fly(a) { lift(a); lift(g()); }",
  ],
  "a parameter whose function reads its arguments": [
    "function lift(by, up) { return g(arguments, up); } export function fly(a) { lift(a, 1); lift(h, 1); }",
  ],
  "a parameter of a method that an object has, too": [
    inKite(
      "lift(by, up) { return g(by, up); }",
      "kite.lift(a, 1); return { lift(by) { return by; } };",
    ),
  ],
  "a field of an error": [
    `class Kite extends Error { seen; constructor(a) { super(); this.seen = a; } }
      export function fly(a) { throw new Kite(a); }`,
  ],
  "a private name that somebody asks for": [
    inKite("#mark; static is(a) { return #mark in a; }", "return Kite.is(kite);"),
  ],
  "a variable that is set again": [
    "let last = null; export function fly(a) { const b = last; last = a; return b; }",
  ],
  "an export of a module that is imported as a whole": [
    'import * as reel from "./reel.ts"; class Kite { wind() {} } export function fly(a) { new Kite().wind(); return reel.wind(a); }',
    { reel: "export function wind(a) { return g(a); }" },
  ],
};

for (const [rule, [text, application]] of Object.entries(KEPT)) {
  Deno.test(`not folded: ${rule}`, async () => {
    assertEquals(await left(text, application), text.replace(/\s+/g, " "));
  });
}
