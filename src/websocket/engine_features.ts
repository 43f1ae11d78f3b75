/** What the WebSockets of a runtime may lack: none that pings by itself shows its pings. */
import { isPromiseLike } from "../concurrent/coroutine/promise_like.ts";
import { UnsupportedFeatureError } from "../platform/standard.ts";
import { generalLog } from "../log.ts";

/**
 * How messages are to be compressed (permessage-deflate, RFC 7692), as zlib takes it.
 *
 * @category WebSockets and event streams
 */
export interface WebSocketCompressionOptions {
  /** From 0, not at all, to 9; zlib's own unless given. */
  readonly compressionLevel?: number;
  /** How much memory it may take, from 1 to 9; zlib's own unless given. */
  readonly memLevel?: number;
}

/** The hooks that an engine may have no use for. */
export interface EngineHooks {
  onPing(data: Uint8Array): unknown;
  onPong(data: Uint8Array): unknown;
  getCompressionOptions(): unknown;
}

/** The classes whose application knows by now. */
const warned = new WeakSet<object>();

/**
 * Says in the log, once for each class of handlers, that hooks which it overrides have no effect.
 *
 * @param hooks The handler.
 * @param base What its class has unless it overrides them.
 * @param runtime The runtime's name.
 * @returns What `getCompressionOptions` returned, if that is a promise by mistake.
 */
export function warnOfMissingHooks(
  hooks: EngineHooks,
  base: EngineHooks,
  runtime: string,
): PromiseLike<unknown> | undefined {
  const asked = hooks.getCompressionOptions === base.getCompressionOptions
    ? null
    : hooks.getCompressionOptions();
  const unused = [
    ...(asked === null || asked === undefined ? [] : ["getCompressionOptions"]),
    ...(["onPing", "onPong"] as const).filter((name) => hooks[name] !== base[name]),
  ];
  if (unused.length > 0) warn(hooks.constructor, unused, runtime);
  return isPromiseLike(asked) ? asked : undefined;
}

function warn(handlerClass: { readonly name: string } & object, hooks: string[], runtime: string) {
  if (warned.has(handlerClass)) return;
  warned.add(handlerClass);
  generalLog()?.warn(
    "Cannot use {hooks} of {handler}: the WebSockets of {runtime} compress nothing, answer pings by themselves and show neither pings nor pongs",
    { hooks: hooks.join(", "), handler: handlerClass.name, runtime },
  );
}

/** @throws {UnsupportedFeatureError} Always: the runtime sends no ping when it is asked to. */
export function refusePing(runtime: string): never {
  throw new UnsupportedFeatureError(
    `ping() on the WebSockets of ${runtime}`,
    "the setting websocketPingInterval, with which it pings by itself",
  );
}
