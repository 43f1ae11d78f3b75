/** All that is told in development of a request that came to an error. */
import { HIDDEN, isSecretName, unlessSecret, withoutSecrets } from "./secrets.ts";
import { APPLICATION_SETTINGS } from "../application_settings.ts";
import type { OptionTypes } from "../../checks/option_check.ts";
import type { Exchange } from "../exchange.ts";
import { HTTPError } from "../http_error.ts";
import type { HTTPServerRequest } from "../request/http_server_request.ts";
import type { RuleRouter } from "../routing/routing.ts";
import { described, shortened } from "./described.ts";
import { type Failure, failuresOf } from "./failure.ts";
import { nearestFirst, type RouteLine, routesOf, routeTo } from "./route_list.ts";

/** A name, and what it stands for. */
export type Row = readonly [name: string, value: string];

/** See {@linkcode reportOf}. */
export interface ErrorReport {
  /** The status of the response. */
  readonly status: number;
  /** What it says of it. */
  readonly reason: string;
  /** What the log says of an `HTTPError`, or `""`. */
  readonly logMessage: string;
  /** What was thrown, and what caused it. */
  readonly failures: readonly Failure[];
  /** The method and the path. */
  readonly request: string;
  /** What the client has sent: the fields of the head, the arguments. */
  readonly parts: readonly { readonly title: string; readonly rows: readonly Row[] }[];
  /** The route that the request took. */
  readonly route: readonly Row[];
  /** The routes that there are, nearest first, if the request took none. */
  readonly routes: readonly RouteLine[];
}

/** Arguments, fields and settings of one kind that are shown. */
const MAX_ROWS = 100;

/**
 * Collects what is told of a request. Secrets are left out: cookies, passwords, tokens, and whatever
 * has a name like theirs.
 *
 * @param exchange The request, and how far it is.
 * @param answer The status, and what led to it.
 * @param routers Those of the application.
 */
export function reportOf(
  exchange: Exchange,
  answer: { readonly status: number; readonly error: unknown },
  routers: readonly RuleRouter[],
): ErrorReport {
  const { application: { settings }, request, match, reason } = exchange;
  const { status, error } = answer;
  const routes = routesOf(routers);
  const route = routeTo(match.handlerClass, request, routes);
  const missed = status === 404 && route === undefined;
  return {
    status,
    reason,
    logMessage: error instanceof HTTPError ? error.logMessage ?? "" : "",
    failures: isPlainHTTPError(error) ? [] : failuresOf(error, settings.templatePath),
    request: `${request.method} ${withoutSecrets(shortened(request.loggedUri))}`,
    parts: [...partsOf(request), { title: "Settings", rows: settingsOf(settings) }],
    route: route === undefined ? [] : routeRows(exchange, route),
    routes: missed ? nearestFirst(request.path, routes) : [],
  };
}

/** Those that say all they have to say by their status; a cause makes it worth a look. */
function isPlainHTTPError(error: unknown): boolean {
  return error instanceof HTTPError && error.cause === undefined && error.status < 500;
}

function routeRows(exchange: Exchange, { pattern, target, name }: RouteLine): Row[] {
  const { verb, match: { groups } } = exchange;
  const args = groups.args.map((value) => described(value));
  const names = Object.entries(groups.kwargs ?? {})
    .map(([name, value]) => `${name}: ${unlessSecret(name, described(value))}`);
  return [
    ["Pattern", pattern],
    ["Handler", verb === undefined ? target : `${target}.${verb}()`],
    ...named("Name", name),
    ...named("Groups", (names.length > 0 ? names : args).join(", ")),
  ];
}

function named(name: string, value: string): Row[] {
  return value === "" ? [] : [[name, value]];
}

// ---- what came along

function partsOf(request: HTTPServerRequest): { title: string; rows: readonly Row[] }[] {
  const shown = request.loggedUri === request.uri;
  return [
    { title: "Query", rows: shown ? argumentRows(() => request.queryArguments) : [] },
    { title: "Form", rows: argumentRows(() => request.bodyArguments) },
    { title: "Headers", rows: headerRows(request, shown) },
    { title: "Client", rows: rowsFrom(() => [["Address", request.remoteIp]]) },
  ].filter(({ rows }) => rows.length > 0);
}

function argumentRows(read: () => Readonly<Record<string, readonly string[]>>): Row[] {
  return rowsFrom(() =>
    Object.entries(read()).map(([name, values]) => {
      const all = values.slice(0, MAX_ROWS).map(shortened).join(", ");
      return [shortened(name), unlessSecret(name, withoutSecrets(all))];
    })
  );
}

function headerRows(request: HTTPServerRequest, queryShown: boolean): Row[] {
  return rowsFrom(() =>
    [...request.headers].map(([name, value]) => [name, headerValue(name, value, queryShown)])
  );
}

/** A page that asks for its own parts passes its query on. */
function headerValue(name: string, value: string, queryShown: boolean): string {
  if (isSecretName(name) || name === "referer" && !queryShown) return HIDDEN;
  return withoutSecrets(shortened(value));
}

/** A body that is no form, or a name that is no text, is no reason to show nothing else. */
function rowsFrom(read: () => Row[]): Row[] {
  try {
    return read().slice(0, MAX_ROWS);
  } catch {
    return [];
  }
}

// ---- the settings

function settingsOf(settings: object): Row[] {
  const types: OptionTypes = APPLICATION_SETTINGS;
  return Object.keys(types).flatMap((name): Row[] => {
    const value: unknown = Reflect.get(settings, name);
    if (value === undefined) return [];
    return [[name, types[name]?.secret ? HIDDEN : settingValue(name, value)]];
  });
}

/** What is an application's own may be secret under any name: its names have to do. */
function settingValue(name: string, value: unknown): string {
  if (name === "own") return `{ ${Object.keys(Object(value)).slice(0, MAX_ROWS).join(", ")} }`;
  return shortened(described(value));
}
