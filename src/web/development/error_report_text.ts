/** A report as text, for terminals, and as JSON, for programs. */
import type { ErrorReport } from "./error_report.ts";
import type { Failure } from "./failure.ts";
import type { SourceExcerpt } from "./source_excerpt.ts";
import { shownPath } from "../../platform/stack_frame.ts";

/** Routes that are named: the nearest ones. */
const NEAREST = 10;

/** The report as text: what was thrown first. */
export function reportAsText(report: ErrorReport): string {
  const { status, reason, logMessage, failures, request, route, routes } = report;
  return [
    `${status}: ${reason}`,
    logMessage,
    failures.map(failureAsText).join("\nCaused by: "),
    request,
    route.map(([name, value]) => `${`${name}:`.padEnd(9)}${value}`).join("\n"),
    routesAsText(routes),
  ].filter((part) => part !== "").join("\n\n") + "\n";
}

function failureAsText(
  { stack, template, calls }: Failure,
  index: number,
  all: readonly Failure[],
): string {
  const call = calls.find(({ source }) => source !== null);
  const before = all[index - 1]?.calls.find(({ source }) => source !== null);
  // What was caught where it is thrown again has the same lines around it.
  const same = call?.file === before?.file && call?.line === before?.line;
  const place = template ?? (same ? undefined : call && { ...call, name: shownPath(call.file) });
  if (!place?.source) return stack;
  return `${stack}\n\n${place.name}:${place.source.marked}\n${excerptAsText(place.source)}\n`;
}

/** Lines with their numbers, the one that matters behind an arrow. */
export function excerptAsText({ first, marked, lines }: SourceExcerpt): string {
  const width = String(first + lines.length).length;
  return lines.map((line, index) => {
    const number = first + index;
    return `${number === marked ? ">" : " "} ${String(number).padStart(width)} | ${line}`.trimEnd();
  }).join("\n");
}

function routesAsText(routes: ErrorReport["routes"]): string {
  if (routes.length === 0) return "";
  const nearest = routes.slice(0, NEAREST);
  const width = Math.max(...nearest.map(({ pattern }) => pattern.length));
  const lines = nearest.map(({ pattern, target }) => `  ${pattern.padEnd(width)}  ${target}`);
  const rest = routes.length - nearest.length;
  return ["No route matches. The nearest:", ...lines, rest > 0 ? `  … ${rest} more` : ""]
    .filter((line) => line !== "").join("\n");
}

/** The report as an object that becomes JSON. */
export function reportAsJson(report: ErrorReport): object {
  const { status, reason, logMessage, failures, request, route, routes } = report;
  return {
    status,
    reason,
    ...(logMessage === "" ? {} : { logMessage }),
    ...(failures.length === 0 ? {} : { errors: failures.map(failureAsJson) }),
    request,
    ...(route.length === 0 ? {} : { route: Object.fromEntries(route.map(lowerCase)) }),
    ...(routes.length === 0
      ? {}
      : { routes: routes.slice(0, NEAREST).map(({ pattern, target }) => ({ pattern, target })) }),
  };
}

function failureAsJson({ name, message, calls, template }: Failure): object {
  return {
    name,
    message,
    ...(template === null ? {} : { template: `${template.name}:${template.source.marked}` }),
    stack: calls.map(({ call, file, line, column }) =>
      `${call === "" ? "" : `${call} `}${shownPath(file)}:${line}:${column}`
    ),
  };
}

function lowerCase([name, value]: readonly [string, string]): [string, string] {
  return [name.toLowerCase(), value];
}
