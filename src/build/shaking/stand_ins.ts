/** What stands in the place of functions of the library that an application cannot need. */
import { dirname, resolve } from "node:path";
import { APPLICATION_SETTINGS } from "../../web/application_settings.ts";
import { libraryFile } from "../library.ts";
import type { Target } from "../target.ts";
import { parseModule } from "./syntax_tree.ts";

/** What stands for some functions of a module, and where. */
export interface StandIn {
  /** The module, by its path in `src/`. */
  readonly module: string;
  /** The functions that something shorter stands for, as JavaScript, by their names. */
  readonly functions?: Readonly<Record<string, string>>;
  /** The functions that are not called, and whose calls give a constant: its text, by their names. */
  readonly constants?: Readonly<Record<string, string>>;
  /**
   * Names of which one in the application, or in `--keep`, keeps the functions. The names of the functions
   * themselves always do.
   */
  readonly unless?: readonly string[];
  /** What alone may be imported of the library for it to hold. Default anything. */
  readonly imports?: readonly string[];
  /** The targets that it holds for. Default all. */
  readonly targets?: readonly Target[];
}

/** What stands in one module. */
export interface ModuleStandIns {
  /** Functions, as JavaScript, by their names. */
  readonly functions: Readonly<Record<string, string>>;
  /** What calls give that are not made, by the names of the functions. */
  readonly constants: Readonly<Record<string, string>>;
}

/** Why a setting is unknown: as JavaScript, with its `name`. */
const LEFT_OUT_SETTING =
  '": if there is one, it was left out because nothing named it; build with --keep " + name';

/** Functions that only look for mistakes of a programmer: the build has told of them. */
const ALREADY_CHECKED: readonly StandIn[] = [
  { module: "web/routing/route_check.ts", constants: { checkRoute: "void 0" } },
  {
    module: "web/routing/routing.ts",
    constants: { checkRuleOptions: "void 0", checkNames: "void 0", checkShape: "void 0" },
  },
  {
    module: "web/routing/route_target.ts",
    constants: { checkTarget: "void 0" },
    functions: {
      expectedTarget: 'function expectedTarget() { return "it is no target of a route"; }',
    },
  },
  {
    module: "checks/mistakes.ts",
    functions: {
      wayOut: 'function wayOut() { return "regular expressions stand in parentheses"; }',
    },
    constants: { checkGroupName: "void 0", checkIsNoName: "void 0", suggest: '""' },
  },
  {
    module: "web/application_settings.ts",
    functions: { settingHint: `function settingHint(name) { return ${LEFT_OUT_SETTING}; }` },
  },
];

/** What makes an exception that is answered, or has its status chosen. */
const ERROR_NAMES = [
  ...["HTTPError", "HTTPInputError", "ValidationError", "AuthError", "ErrorHandler", "answer"],
  ...["defaultHandlerArgs", "ProxyHandler", "TopicHandler", "TopicStreamHandler"],
];
/** What sets header fields of its own. */
const FIELD_NAMES = [
  ...["setHeader", "addHeader", "headers", "staticPath", "StaticFileHandler"],
];

/** What has groups of a path, which are decoded. */
const GROUP_NAMES = [
  ...["parsePattern", "regExpPath", "match", "URLPattern", "findHandler"],
  ...["staticPath", "StaticFileHandler"],
];

/** Checks of what the library itself gives, where nothing else does. */
const GIVEN_BY_LIBRARY: readonly StandIn[] = [
  {
    module: "web/http_error.ts",
    constants: { checkErrorOptions: "void 0" },
    unless: ERROR_NAMES,
  },
  {
    module: "web/http_error.ts",
    constants: { checkStatus: "void 0" },
    unless: [...ERROR_NAMES, "setStatus", "sendError"],
  },
  {
    // No other status is answered with a page.
    module: "http/status_text.ts",
    functions: {
      reasonPhrase: `function reasonPhrase(status) {
        return {
          400: "Bad Request",
          404: "Not Found",
          405: "Method Not Allowed",
          408: "Request Timeout",
          413: "Content Too Large",
          500: "Internal Server Error",
        }[status] ?? "Unknown";
      }`,
    },
    imports: ["Application", "RequestHandler"],
    unless: [
      ...["setStatus", "sendError", "writeError", "validate", "checkXsrfCookie"],
      ...Object.keys(APPLICATION_SETTINGS),
    ],
  },
  {
    module: "web/response/response_fields.ts",
    functions: { headerText: "function headerText(name, value) { return String(value); }" },
    unless: FIELD_NAMES,
  },
  {
    module: "http/fields/field.ts",
    constants: { checkFieldName: "void 0" },
    unless: FIELD_NAMES,
  },
  {
    module: "web/response/etag.ts",
    constants: { isUnmodified: "false" },
    unless: FIELD_NAMES,
  },
  { module: "web/routing/routing.ts", constants: { checkGroups: "void 0" }, unless: ["match"] },
  { module: "web/life_cycle.ts", constants: { decodePath: "void 0" }, unless: GROUP_NAMES },
  {
    module: "websocket/engine_features.ts",
    functions: { compressionOf: "function compressionOf() { return NO_COMPRESSION; }" },
    unless: ["getCompressionOptions"],
  },
  {
    module: "websocket/engine_features.ts",
    constants: { showsPings: "false" },
    unless: ["onPing", "onPong"],
  },
  {
    // Nothing waits for a cron trigger.
    module: "web/application.ts",
    functions: { runDue: "async function runDue() {}" },
    unless: ["PeriodicCallback"],
  },
  {
    module: "web/routing/routing.ts",
    constants: { checkFound: "void 0" },
    unless: ["findHandler"],
  },
  {
    // Nothing else mounts an application.
    module: "web/application.ts",
    constants: { isElsewhere: "false" },
    functions: { mountedMatch: "function mountedMatch(application, found) { return found; }" },
    unless: ["otherTarget", "findHandler"],
  },
  {
    module: "web/application_settings.ts",
    functions: {
      checkSettings: `function checkSettings(settings) {
        for (const name in settings) {
          if (settings[name] !== undefined) {
            throw new TypeError("Unknown setting " + JSON.stringify(name) + ${LEFT_OUT_SETTING});
          }
        }
      }`,
      hideSecrets: "function hideSecrets(settings) { return settings; }",
    },
    unless: Object.keys(APPLICATION_SETTINGS),
  },
];

/** A function that is called while an application is made, if it is needed at all. */
export interface ImportFunction {
  /** The module, by its path in `src/`. */
  readonly module: string;
  readonly name: string;
  /** Settings whose parts call it later. */
  readonly unless?: readonly string[];
}

/** Those that were not called when the application was imported are left out. */
export const CALLED_AT_IMPORT: readonly ImportFunction[] = [
  { module: "web/routing/linear_regexp.ts", name: "linearMatcher" },
  {
    module: "web/routing/path_pattern.ts",
    name: "parsePattern",
    unless: ["staticPath"],
  },
  { module: "web/routing/path_pattern.ts", name: "regExpPath" },
  { module: "web/routing/route_target.ts", name: "otherTarget" },
];

/** Nobody reads what is logged, unless the application has something that takes it. */
const LOGS_NAMES = ["configureLogging", "logtape", "GUSTNADO_LOG"];

/** What nobody can ask for in a bundle for Workers, or what their runtime sees to. */
const ON_WORKERS: readonly StandIn[] = [
  {
    // Only processes run out of files.
    module: "platform/unmapped_stacks.ts",
    constants: { isOutOfFiles: "false", leaveOutLines: "void 0" },
  },
  {
    // There is no server that ends.
    module: "server/server_context.ts",
    functions: {
      OpenWorkList: `class OpenWorkList {
        size = 0;
        add(work) { work.openIn = this; }
        delete(work) { work.openIn = void 0; }
        list() { return []; }
      }`,
    },
  },
  {
    // Nor is anything that it would cut off.
    module: "web/client_watch.ts",
    constants: { cutOff: "void 0" },
  },
  {
    // Nor is it listed where no middleware wants to know of it.
    module: "server/server_context.ts",
    functions: {
      OpenWorkList: "class OpenWorkList { size = 0; add() {} delete() {} list() { return []; } }",
    },
    unless: ["middleware"],
  },
  {
    module: "server/server_context.ts",
    functions: {
      keepUntilDone: "function keepUntilDone(work, place) { keepAlive(work, place); }",
    },
  },
  {
    // Nobody hears of errors that nothing catches.
    module: "server/unhandled_errors.ts",
    functions: { ofRequest: "function ofRequest(error) { return error; }" },
  },
  {
    // A client that has left is not told of.
    module: "web/life_cycle.ts",
    constants: { mayUpgradeLate: "false" },
  },
  {
    // The runtime sees to connections.
    module: "web/request/request_body.ts",
    constants: { isRemote: "false", isThere: "false" },
  },
  {
    // Header fields can be read at any time.
    module: "web/request/incoming_request.ts",
    constants: { isPacked: "false" },
  },
  {
    module: "http/byte_text.ts",
    functions: {
      utf8Length: "function utf8Length(text) { return new TextEncoder().encode(text).length; }",
    },
  },
  {
    module: "http/target/ip_address.ts",
    functions: {
      isIpv6: 'function isIpv6(text) { return URL.canParse("http://[" + text + "]"); }',
    },
  },
  {
    // The field is of the runtime's own making.
    module: "server/client_address.ts",
    functions: {
      isAddress: "function isAddress(text) { return /^[\\da-f.:]{2,45}$/i.test(text); }",
    },
  },
  {
    module: "log.ts",
    constants: {
      logger: "void 0",
      accessLog: "void 0",
      generalLog: "void 0",
      isEnabled: "false",
      isSilenced: "false",
      accessTellsReasons: "false",
    },
    unless: LOGS_NAMES,
  },
  {
    module: "web/request/served_request.ts",
    constants: { setRefusal: "void 0", keepRefusal: "void 0" },
    unless: LOGS_NAMES,
  },
  {
    module: "websocket/engine_features.ts",
    constants: { warnOfMissingHooks: "void 0" },
    unless: LOGS_NAMES,
  },
  {
    // Each socket has a limit of its own.
    module: "websocket/engine_features.ts",
    constants: { warnOfServerLimit: "void 0" },
  },
  {
    module: "web/application.ts",
    constants: { logAnswer: "void 0", tellRefusal: "false" },
    unless: LOGS_NAMES,
  },
  {
    module: "web/application.ts",
    constants: { logsAccess: "false" },
    unless: [...LOGS_NAMES, "logFunction"],
  },
];

/** All of them. */
export const STAND_INS: readonly StandIn[] = [
  ...ALREADY_CHECKED,
  ...GIVEN_BY_LIBRARY,
  ...ON_WORKERS.map((each): StandIn => ({ ...each, targets: ["workers"] })),
];

/** The names of the functions that only look for mistakes. */
export const CHECKS: readonly string[] = ALREADY_CHECKED.flatMap(({ functions, constants }) => [
  ...Object.keys(functions ?? {}),
  ...Object.keys(constants ?? {}),
]);

/** What an application is known by. */
export interface KnownApplication {
  /** What it is built for. */
  readonly target: Target;
  /** Every name in it, those of the settings that it gives, and those that are kept. */
  readonly given: ReadonlySet<string>;
  /** Of {@linkcode CALLED_AT_IMPORT}, what it has called when it was imported. */
  readonly called: ReadonlySet<string>;
  /** What it imports of the library: the module, and the name in it. */
  readonly imports: readonly (readonly [path: string, name: string])[];
}

/** What holds for an application, by the paths of the modules. */
export function standInsFor(
  { target, given, called, imports: imported }: KnownApplication,
): ReadonlyMap<string, ModuleStandIns> {
  const names = given.union(called);
  const uncalled = CALLED_AT_IMPORT.map(({ module, name, unless = [] }): StandIn => {
    return { module, functions: { [name]: leftOutFunction(name) }, unless };
  });
  const holding = [...STAND_INS, ...uncalled].filter(({ imports, targets, unless = [] }) =>
    targets?.includes(target) !== false &&
    imported.every(([, name]) => imports?.includes(name) !== false) &&
    !unless.some((name) => names.has(name))
  );
  return byModule(holding, names);
}

/** What holds for every application on Workers, by the paths of the modules. */
export function standInsOnWorkers(): ReadonlyMap<string, ModuleStandIns> {
  return byModule(ON_WORKERS.filter(({ unless }) => unless === undefined), new Set());
}

/** @param names The functions that stay as they are. */
function byModule(
  standIns: readonly StandIn[],
  names: ReadonlySet<string>,
): ReadonlyMap<string, ModuleStandIns> {
  const found = new Map<string, ModuleStandIns>();
  for (const { module, functions, constants } of standIns) {
    const path = libraryFile(module);
    const known = found.get(path);
    found.set(path, {
      functions: { ...known?.functions, ...without(names, functions) },
      constants: { ...known?.constants, ...without(names, constants) },
    });
  }
  return found;
}

/** A function that says that it was left out. */
function leftOutFunction(name: string): string {
  const message =
    `Cannot use ${name}: it was left out of the bundle because the application did not ` +
    `need it when it was imported; build with --keep ${name}`;
  return `function ${name}() { throw new Error(${JSON.stringify(message)}); }`;
}

function without(
  names: ReadonlySet<string>,
  functions: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return Object.fromEntries(Object.entries(functions).filter(([name]) => !names.has(name)));
}

/**
 * What calls give in a module that are not made, by what the module calls the functions: its own, and
 * those that it imports.
 */
export function constantCalls(
  path: string,
  text: string,
  standIns: ReadonlyMap<string, ModuleStandIns>,
): ReadonlyMap<string, string> {
  const calls = new Map(Object.entries(standIns.get(path)?.constants ?? {}));
  const names = [...standIns.values()].flatMap(({ constants }) => Object.keys(constants));
  if (!names.some((name) => text.includes(name))) return calls;
  for (const statement of parseModule(text).body) {
    if (statement.type !== "ImportDeclaration") continue;
    const from = resolve(dirname(path), String(statement.source.value));
    const constants = standIns.get(from)?.constants ?? {};
    for (const specifier of statement.specifiers) {
      if (specifier.type !== "ImportSpecifier" || specifier.imported.type !== "Identifier") {
        continue;
      }
      const { name } = specifier.imported;
      const constant = Object.hasOwn(constants, name) ? constants[name] : undefined;
      if (constant !== undefined) calls.set(specifier.local.name, constant);
    }
  }
  return calls;
}
