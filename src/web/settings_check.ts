/** The check of what an application or a server is told. */
import { checkOptions, type OptionTypes, suggest } from "../checks/option_check.ts";
import { LISTEN_OPTIONS, type ListenOptions } from "../server/settings.ts";
import { APPLICATION_SETTINGS, type ApplicationSettings } from "./application_settings.ts";
import { checkSignedSettings } from "./signed/settings.ts";

/** @throws {TypeError} If a setting is unknown or ill-typed; the message names it. */
export function checkSettings(settings: ApplicationSettings): void {
  checkOptions(settings, APPLICATION_SETTINGS, "setting", settingHint);
  checkSignedSettings(settings);
}

/**
 * Settings as an application keeps them: where there are secrets among them, a copy that does not
 * enumerate these, so that nothing prints them by accident.
 */
export function hideSecrets<Own extends object>(
  settings: ApplicationSettings<Own>,
): Readonly<ApplicationSettings<Own>> {
  const types: OptionTypes = APPLICATION_SETTINGS;
  const secrets = Object.keys(settings).filter((name) => types[name]?.secret);
  if (secrets.length === 0) return settings;
  const copy = { ...settings };
  for (const name of secrets) Object.defineProperty(copy, name, { enumerable: false });
  return copy;
}

/**
 * Checks what a server is told.
 *
 * @throws {TypeError} If the port is no number, or an option is unknown or ill-typed; the message
 *   names it.
 * @throws {RangeError} If there is no such port.
 */
export function checkListenOptions(port: number, options: ListenOptions): void {
  checkPort(port);
  checkOptions(options, LISTEN_OPTIONS, "option of listen()", listenHint);
}

/** What Tornado, or another place here, calls what is meant. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  gzip: 'it is called "compressResponse"',
  autoreload: "start the application with `deno run --watch`",
  autoescape_function: 'it is called "autoescape"',
  max_buffer_size: 'it is called "maxBodySize"',
  ui_module: 'it is called "uiModules"',
  log_request: 'it is called "logFunction"',
  transforms: 'write a "middleware"',
  routes: "they are the first argument of the application",
  handlers: "they are the first argument of the application",
  port: "it is the first argument of listen()",
  ssl_options: 'give listen() "cert" and "key"',
};

function settingHint(name: string): string {
  const elsewhere = Object.hasOwn(ELSEWHERE, name) ? ELSEWHERE[name] : undefined;
  if (elsewhere !== undefined) return `: ${elsewhere}`;
  if (Object.hasOwn(LISTEN_OPTIONS, name)) return ": it is an option of listen()";
  return suggest(name, APPLICATION_SETTINGS) || ': what is your own goes into the setting "own"';
}

function listenHint(name: string): string {
  return Object.hasOwn(APPLICATION_SETTINGS, name) ? ": it is a setting of the application" : "";
}

function checkPort(port: unknown): void {
  const shown = typeof port === "string" ? JSON.stringify(port) : String(port);
  const message = `Cannot listen on port ${shown}: expected a whole number from 0 to 65535`;
  if (typeof port !== "number") throw new TypeError(message);
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new RangeError(message);
}
