/** The library without what an application does not name. */
import { libraryFile } from "../library.ts";
import { type AbsentFeatures, traitsIn } from "./feature_folding.ts";
import type { LiveNames, Roots } from "./live_names.ts";
import type { Target } from "../target.ts";
import { PlainLibrary } from "./plain_library.ts";
import { liveIn, ShakeRounds } from "./shake_rounds.ts";

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
  /** What the application is built for. */
  readonly target: Target;
  /** Of {@linkcode CALLED_AT_IMPORT}, the functions that were called. */
  readonly called: ReadonlySet<string>;
  /** What calls of members of the platform give on this runtime, as text. */
  readonly platform: ReadonlyMap<string, string>;
  /** Whether the application may reach members by names that it puts together while it runs. */
  readonly computesNames: boolean;
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

/** What is left. */
export interface ShakenLibrary {
  /** The JavaScript of the modules that are needed, by path. */
  readonly modules: ReadonlyMap<string, string>;
  /** The members that were left out of classes that stayed, as `Class.member`. */
  readonly leftOut: readonly string[];
  /** The text of the module {@linkcode FIRST_USES}, which has to come first. */
  readonly firstUses: string;
}

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
/** The names of an application that matter wherever they stand in the library. */
export const MATTERING_NAMES: readonly string[] = [...OPTIONAL_GLOBALS, ...BODY_NAMES];
const TRAITS = libraryFile("web/handler_traits.ts");
/** Modules that have applications made, with settings of their own. */
export const GIVE_SETTINGS: readonly string[] = [
  "workers/topic_object.ts",
  "dev/failure_server.ts",
  "dev/supervisor.ts",
].map(libraryFile);
const BASE_HANDLER = libraryFile("web/request_handler.ts");

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
  for (;;) {
    const plain = new PlainLibrary(input, { given, absent: absentFeatures(input, given, absent) });
    const live = await liveIn(input, (path) => plain.module(path));
    // A class of the library that is used may have the hook although no handler of the application has.
    const present = [...absent].filter((trait) => {
      const own = trait === "readsBody" ? BODY_METHODS : [hooks.get(trait) ?? ""];
      return own.some((hook) => hasHook(live, hook));
    });
    // A Durable Object gives settings to its application.
    const givenToo = keysIn(live).intersection(settings).difference(given);
    if (present.length === 0 && givenToo.size === 0) {
      return await new ShakeRounds(input, given, plain).run(live);
    }
    absent = absent.difference(new Set(present));
    for (const name of givenToo) given.add(name);
  }
}

function absentFeatures(
  input: ShakeInput,
  given: ReadonlySet<string>,
  traits: ReadonlySet<string>,
): Omit<AbsentFeatures, "calls"> {
  return {
    settings: new Map([...input.allSettings].filter(([name]) => !given.has(name))),
    traits,
    // Who names one may have a platform of their own.
    platform: new Map([...input.platform].filter(([name]) => !given.has(name))),
    globals: new Set(OPTIONAL_GLOBALS.filter((name) => !given.has(name))),
  };
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
      // A handler extends another one.
      units.some((unit) =>
        owners.includes(unit.name) && unit.isDerived === true && module.isLive(unit)
      )
    ) return true;
  }
  return false;
}
