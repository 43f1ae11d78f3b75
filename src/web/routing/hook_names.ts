/** Hooks by Python's names: nobody would call them, and nothing would say so. */
import type { HandlerClass } from "../handler_traits.ts";

/** What a handler may override, and Python writes with underscores. */
const HOOKS: ReadonlySet<string> = new Set([
  "checkOrigin",
  "checkXsrfCookie",
  "computeEtag",
  "createTemplateLoader",
  "dataReceived",
  "decodeArgument",
  "getBrowserLocale",
  "getCurrentUser",
  "getLoginUrl",
  "getTemplateNamespace",
  "getTemplatePath",
  "getUserLocale",
  "logException",
  "onClose",
  "onConnectionClose",
  "onFinish",
  "onMessage",
  "onPing",
  "onPong",
  "selectSubprotocol",
  "setDefaultHeaders",
  "setExtraHeaders",
  "writeError",
]);

/**
 * Checks that no hook of a class is spelled as in Python. A class that has both spellings is left
 * alone.
 *
 * @throws {TypeError} If one is; the message names it.
 */
export function checkHookNames(target: HandlerClass): void {
  let level: object | null = target.prototype;
  while (level !== null) {
    for (const name of Object.getOwnPropertyNames(level)) {
      if (name.includes("_")) checkHookName(name, { level, target });
    }
    level = Object.getPrototypeOf(level);
  }
}

function checkHookName(
  name: string,
  { level, target }: { level: object; target: HandlerClass },
): void {
  const meant = name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  if (!HOOKS.has(meant) || !(meant in target.prototype) || Object.hasOwn(level, meant)) return;
  throw new TypeError(
    `Cannot use the handler ${target.name}: nobody would call its ${name}(); ` +
      `it is spelled ${meant}()`,
  );
}
