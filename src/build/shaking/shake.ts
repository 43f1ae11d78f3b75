/** The library without what an application does not name. */
import { dirname, resolve } from "node:path";
import { isLibrary, libraryFile } from "../library.ts";
import { constantFields } from "./constant_fields.ts";
import { type AbsentFeatures, foldAbsent, traitsIn } from "./feature_folding.ts";
import { FirstUses } from "./first_use.ts";
import { LiveNames, type Roots } from "./live_names.ts";
import { cutModule } from "./module_cutting.ts";
import { type ModuleOutline, outlineOf } from "./module_outline.ts";

/** What is shaken. */
export interface ShakeInput {
  /** The JavaScript of a module of the library, as it goes into the bundle. */
  readonly textOf: (path: string) => Promise<string>;
  /** Every name in the application, its templates and what is generated for it. */
  readonly names: ReadonlySet<string>;
  /** The settings that the application gives. */
  readonly settings: readonly string[];
  /** All settings that there are, each with the text of its default. */
  readonly allSettings: ReadonlyMap<string, string>;
  /** What stands for functions of the library on this runtime, by path and name. */
  readonly functions: ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** Of {@linkcode CALLED_AT_IMPORT}, the functions that were called. */
  readonly called: ReadonlySet<string>;
  /** What calls of members of the platform give on this runtime, as text. */
  readonly platform: ReadonlyMap<string, string>;
  /** What the application and what is generated for it import of the library. */
  readonly imports: Roots["imports"];
  /** The names in a package that the library imports; `null` where it calls nothing of the library. */
  readonly foreignNames: (
    specifier: string,
    importer: string,
  ) => Promise<Iterable<string>> | null;
  /** Keeps what is found out about a text, for the next build. */
  readonly remember: Remember;
}

/** Gives what is kept under a key, or else finds it out. */
export type Remember = <Finding>(
  key: readonly string[],
  isFinding: (value: unknown) => value is Finding,
  find: () => Promise<Finding>,
) => Promise<Finding>;

/** A module of the library, folded and outlined. */
interface FoldedModule {
  readonly text: string;
  readonly outline: ModuleOutline;
}

/** What is left. */
export interface ShakenLibrary {
  /** The JavaScript of the modules that are needed, by path. */
  readonly modules: ReadonlyMap<string, string>;
  /** The members that were left out of classes that stayed, as `Class.member`. */
  readonly leftOut: readonly string[];
  /** The text of the module {@linkcode FIRST_USES}, which has to come first. */
  readonly firstUses: string;
}

/**
 * Functions that are called while an application is made, if they are needed at all, by the path of
 * their module: those that were not called when it was imported are left out.
 */
export const CALLED_AT_IMPORT: ReadonlyMap<string, readonly string[]> = new Map([
  [libraryFile("web/routing/linear_regexp.ts"), ["linearMatcher"]],
]);

/** Names of globals that an application without them never gives to the library. */
const OPTIONAL_GLOBALS = ["URLPattern"];
/** Without any of these names an application has no use for the body of a request. */
const BODY_NAMES = [
  ...["post", "put", "patch", "delete", "options", "prepare", "supportedMethods"],
  ...["dataReceived", "streamRequestBody", "StaticFileHandler", "FallbackHandler", "ProxyHandler"],
  ...["body", "files", "arrayBuffer", "blob", "bytes", "json", "formData", "readBody"],
];
/** What handlers of the library that have a use for it have. */
const BODY_METHODS = ["post", "put", "patch", "dataReceived"];
const TRAITS = libraryFile("web/handler_traits.ts");
/** Modules that have applications made, with settings of their own. */
export const GIVE_SETTINGS: readonly string[] = [
  "workers/topic_object.ts",
  "dev/failure_server.ts",
  "dev/supervisor.ts",
].map(libraryFile);
const BASE_HANDLER = libraryFile("web/request_handler.ts");

/**
 * What stands for functions that look for mistakes of a programmer only, whom the import of the
 * application has told of them when it was built: by the path of their module.
 */
const ALREADY_CHECKED: ReadonlyMap<string, Readonly<Record<string, string>>> = new Map([
  [libraryFile("web/routing/route_check.ts"), { checkRoute: "function checkRoute() {}" }],
  [libraryFile("web/routing/route_target.ts"), {
    expectedTarget: 'function expectedTarget() { return "it is no target of a route"; }',
  }],
  [libraryFile("web/routing/path_pattern.ts"), {
    wayOut: 'function wayOut() { return "regular expressions stand in parentheses"; }',
    checkGroup: "function checkGroup() {}",
  }],
  [libraryFile("checks/option_check.ts"), {
    suggest: 'function suggest() { return ""; }',
  }],
  [libraryFile("web/application_settings.ts"), {
    settingHint:
      'function settingHint(name) { return ": if there is one, it was left out because nothing named it; build with --keep " + name; }',
  }],
]);

/** Shakes the library. */
export async function shake(input: ShakeInput): Promise<ShakenLibrary> {
  const hooks = traitsIn(await input.textOf(TRAITS));
  const traits = new Map<string, readonly string[]>(
    [...hooks].map(([trait, hook]) => [trait, [hook]]),
  );
  traits.set("readsBody", BODY_NAMES);
  const given = new Set([...input.names, ...input.settings]);
  const settings = new Set(input.allSettings.keys());
  let absent = new Set(
    [...traits].filter(([, hooks]) => !hooks.some((hook) => given.has(hook)))
      .map(([trait]) => trait),
  );
  let constants: ReadonlyMap<string, string> = new Map();
  let classes: LiveNames["uninstantiated"] = new Map();
  for (;;) {
    const pass = new ShakePass(input, given, { traits: absent, constants, classes });
    const live = await pass.run();
    // A class of the library that is used may have the hook although no handler of the application has.
    const present = [...absent].filter((trait) => {
      const own = trait === "readsBody" ? BODY_METHODS : [hooks.get(trait) ?? ""];
      return own.some((hook) => hasHook(live, hook));
    });
    absent = absent.difference(new Set(present));
    // A Durable Object gives settings to its application.
    const givenToo = keysIn(live).intersection(settings).difference(given);
    for (const name of givenToo) given.add(name);
    if (givenToo.size > 0) {
      constants = new Map();
      classes = new Map();
      continue;
    }
    // Where a branch is gone, what it has set may be a constant now.
    const more = present.length > 0 ? new Map() : constantFields(live, given);
    const unused = live.uninstantiated;
    const isStable = present.length === 0 &&
      [...more.keys()].every((name) => constants.has(name)) &&
      [...unused].every(([path, names]) => names.isSubsetOf(classes.get(path) ?? new Set()));
    if (isStable) return pass.cut(live);
    constants = new Map([...constants, ...more]);
    classes = present.length > 0 ? new Map() : joined(classes, unused);
  }
}

class ShakePass {
  readonly #input: ShakeInput;
  readonly #modules = new Map<string, Promise<FoldedModule>>();
  readonly #absent: Omit<AbsentFeatures, "classes">;
  readonly #classes: LiveNames["uninstantiated"];
  readonly #key: string;

  constructor(
    input: ShakeInput,
    given: ReadonlySet<string>,
    known: Pick<AbsentFeatures, "traits" | "constants"> & {
      readonly classes: LiveNames["uninstantiated"];
    },
  ) {
    const { classes, ...more } = known;
    this.#input = input;
    this.#classes = classes;
    this.#absent = {
      settings: new Map([...input.allSettings].filter(([name]) => !given.has(name))),
      ...more,
      // Who names one may have a platform of their own.
      platform: new Map([...input.platform].filter(([name]) => !given.has(name))),
      globals: new Set(OPTIONAL_GLOBALS.filter((name) => !given.has(name))),
    };
    this.#key = JSON.stringify(
      Object.values(this.#absent).map((names) => [...names].sort()),
    );
  }

  async run(): Promise<LiveNames> {
    const { names, settings, imports, foreignNames } = this.#input;
    const live = new LiveNames({
      outline: async (path) => (await this.#module(path)).outline,
      resolve: resolveWithin,
      foreignNames,
    });
    await live.follow({ members: [...names, ...settings], imports });
    return live;
  }

  async cut(live: LiveNames): Promise<ShakenLibrary> {
    const modules = new Map<string, string>();
    const leftOut: string[] = [];
    const firstUses = new FirstUses();
    // They were found in any order; the same application comes to the same bundle.
    for (const path of [...live.paths].sort()) {
      const module = live.module(path);
      if (module === undefined) continue;
      const cut = cutModule((await this.#module(path)).text, module);
      modules.set(path, firstUses.replaced(cut.text, (from) => resolveWithin(from, path)));
      leftOut.push(...cut.leftOut);
    }
    return { modules, leftOut: leftOut.sort(), firstUses: firstUses.text };
  }

  #module(path: string): Promise<FoldedModule> {
    const known = this.#modules.get(path);
    if (known !== undefined) return known;
    const module = this.#load(path);
    this.#modules.set(path, module);
    return module;
  }

  /** What stands in the place of functions in a module. Those that the application names stay. */
  #otherFunctions(path: string): Readonly<Record<string, string>> {
    const { called, functions, names } = this.#input;
    const uncalled = (CALLED_AT_IMPORT.get(path) ?? []).filter((name) => !called.has(name))
      .map((name) => [name, leftOutFunction(name)]);
    const others = { ...ALREADY_CHECKED.get(path), ...functions.get(path) };
    return Object.fromEntries(
      [...Object.entries(others), ...uncalled].filter(([name = ""]) => !names.has(name)),
    );
  }

  async #load(path: string): Promise<FoldedModule> {
    const text = await this.#input.textOf(path);
    const classes = this.#classes.get(path) ?? new Set<string>();
    return await this.#input.remember(
      [
        path,
        text,
        this.#key,
        [...classes].sort().join(" "),
        JSON.stringify(this.#otherFunctions(path)),
      ],
      isFolded,
      async () => {
        const folded = await foldAbsent(
          replaced(text, this.#otherFunctions(path)),
          { ...this.#absent, classes },
        );
        // The engine of templates writes code: what its texts name is used.
        const writesCode = path.startsWith(libraryFile("template/compiler/"));
        return { text: folded, outline: outlineOf(folded, { writesCode }) };
      },
    );
  }
}

/** A function that says that it was left out. */
function leftOutFunction(name: string): string {
  const message =
    `Cannot use ${name}: it was left out of the bundle because the application did not ` +
    `need it when it was imported; build with --keep ${name}`;
  return `function ${name}() { throw new Error(${JSON.stringify(message)}); }`;
}

/** The cache is the user's own; a file of another make is not taken for one of ours. */
function isFolded(value: unknown): value is FoldedModule {
  const { text, outline } = Object(value);
  return typeof text === "string" && Array.isArray(Object(outline).units);
}

/** Puts other functions in the place of some. */
function replaced(text: string, functions: Readonly<Record<string, string>> = {}): string {
  const names = Object.keys(functions);
  const { units } = names.length === 0 ? NO_UNITS : outlineOf(text, { writesCode: false });
  const found = units.filter(({ name, owner }) => owner === undefined && names.includes(name));
  return found.toSorted((a, b) => b.start - a.start).reduce(
    (rest, { name, start, end }) => {
      const exported = rest.startsWith("export", start) ? "export " : "";
      return `${rest.slice(0, start)}${exported}${functions[name]}${rest.slice(end)}`;
    },
    text,
  );
}

const NO_UNITS: Pick<ModuleOutline, "units"> = { units: [] };

function resolveWithin(specifier: string, importer: string): string | null {
  if (!specifier.startsWith(".") && !specifier.startsWith("/")) return null;
  const path = resolve(dirname(importer), specifier);
  return isLibrary(path) && path.endsWith(".ts") ? path : null;
}

/** The classes of both. */
function joined(
  known: LiveNames["uninstantiated"],
  more: LiveNames["uninstantiated"],
): LiveNames["uninstantiated"] {
  const all = new Map(known);
  for (const [path, names] of more) all.set(path, names.union(all.get(path) ?? new Set()));
  return all;
}

/** The keys of objects that live code of {@linkcode GIVE_SETTINGS} writes out. */
function keysIn(live: LiveNames): Set<string> {
  const keys = new Set<string>();
  for (const path of GIVE_SETTINGS) {
    const module = live.module(path);
    if (module?.outline === undefined) continue;
    const { loose, units } = module.outline;
    const names = [loose, ...units.filter((unit) => module.isLive(unit)).map(({ names }) => names)];
    for (const name of names.flatMap(({ keys }) => keys)) keys.add(name);
  }
  return keys;
}

function hasHook(live: LiveNames, hook: string): boolean {
  for (const path of live.paths) {
    const module = live.module(path);
    if (module?.outline === undefined || path === BASE_HANDLER) continue;
    const { units } = module.outline;
    const owners = units.filter(({ name, owner }) => owner !== undefined && name === hook)
      .map(({ owner }) => owner);
    if (
      units.some((unit) => owners.includes(unit.name) && module.isLive(unit))
    ) return true;
  }
  return false;
}
