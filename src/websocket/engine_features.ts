/** What the WebSockets of a runtime may lack: pings that show, and compression. */
import { isPromiseLike } from "../concurrent/coroutine/promise_like.ts";
import { checkOptions, type OptionType } from "../checks/option_check.ts";
import { shown } from "../checks/shown.ts";
import type { PingableSocket } from "../platform/platform.ts";
import { UnsupportedFeatureError } from "../platform/unsupported_feature_error.ts";
import { generalLog, logWarning } from "../log.ts";

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

/** How a handler asks for compression. */
export interface CompressionRequest {
  /** The options; `undefined` if it asks for none. */
  readonly options: WebSocketCompressionOptions | undefined;
  /** What `getCompressionOptions` returned, if that is a promise by mistake. */
  readonly promise: PromiseLike<unknown> | undefined;
}

/**
 * Asks a handler how its messages are to be compressed.
 *
 * @param base What its class has unless it overrides it.
 * @throws {TypeError} If it returned neither options nor `null`, or one of them is out of range.
 */
export function compressionOf(hooks: EngineHooks, base: EngineHooks): CompressionRequest {
  if (hooks.getCompressionOptions === base.getCompressionOptions) return NO_COMPRESSION;
  const asked = hooks.getCompressionOptions();
  if (asked === null || asked === undefined) return NO_COMPRESSION;
  if (isPromiseLike(asked)) return { options: undefined, promise: asked };
  if (typeof asked !== "object") {
    throw new TypeError(
      `Cannot use what getCompressionOptions() returned: expected an object or null, got ${
        shown(asked)
      }`,
    );
  }
  checkOptions(asked, COMPRESSION_OPTIONS, "option of getCompressionOptions()");
  return { options: asked, promise: undefined };
}

const COMPRESSION_OPTIONS = {
  compressionLevel: integerUpTo9(0),
  memLevel: integerUpTo9(1),
};

function integerUpTo9(least: number): OptionType {
  return {
    name: `an integer from ${least} to 9`,
    test: (value) => Number.isInteger(value) && Number(value) >= least && Number(value) <= 9,
  };
}

const NO_COMPRESSION: CompressionRequest = { options: undefined, promise: undefined };

/** Whether a handler has a hook of its own for pings or pongs. */
export function showsPings(hooks: EngineHooks, base: EngineHooks): boolean {
  return hooks.onPing !== base.onPing || hooks.onPong !== base.onPong;
}

/**
 * Says in the log, once for each class of handlers, that hooks which it overrides have no effect.
 *
 * @param hooks The handler.
 * @param base What its class has unless it overrides them.
 * @param engine What there is: the runtime's name, whether pings show, and whether compression that was
 *   asked for is missing.
 */
export function warnOfMissingHooks(
  hooks: EngineHooks,
  base: EngineHooks,
  engine: { readonly runtime: string; readonly pings: boolean; readonly uncompressed: boolean },
): void {
  const unused = [
    ...(engine.uncompressed ? ["getCompressionOptions"] : []),
    ...(["onPing", "onPong"] as const).filter((name) =>
      !engine.pings && hooks[name] !== base[name]
    ),
  ];
  if (unused.length > 0) warn(hooks.constructor, unused, engine.runtime);
}

function warn(handlerClass: { readonly name: string } & object, hooks: string[], runtime: string) {
  if (warned.has(handlerClass)) return;
  warned.add(handlerClass);
  generalLog()?.warn(
    "Cannot use {hooks} of {handler}: the WebSockets of {runtime} compress nothing, answer pings by themselves and show neither pings nor pongs",
    { hooks: hooks.join(", "), handler: handlerClass.name, runtime },
  );
}

/** The classes whose application knows that a limit is too large. */
const limited = new WeakSet<object>();

/**
 * Says in the log, once for each class of handlers, that its messages are limited by those of the server.
 *
 * @param hooks The handler.
 * @param limits Bytes of a message: of the class, and of the server.
 */
export function warnOfServerLimit(
  hooks: EngineHooks,
  limits: { readonly own: number; readonly server: number },
): void {
  if (limits.own <= limits.server || limited.has(hooks.constructor)) return;
  limited.add(hooks.constructor);
  logWarning(
    `Cannot receive the messages of ${limits.own} bytes that maxMessageSize of ` +
      `${hooks.constructor.name} allows: here no class may have more than the setting ` +
      `"websocketMaxMessageSize", which is ${limits.server}`,
  );
}

/** Whether a socket pings when it is told to, and shows pings and pongs. */
export function isPingable(socket: WebSocket): socket is PingableSocket {
  return "ping" in socket && typeof socket.ping === "function";
}

/** Bytes that a control frame can have (RFC 6455 §5.5). */
const MAX_PING = 125;

/** @throws {RangeError} If the data has more than 125 bytes. */
export function checkPing(data: string | Uint8Array): void {
  const { length } = typeof data === "string" ? new TextEncoder().encode(data) : data;
  if (length > MAX_PING) {
    throw new RangeError(`Cannot ping() with ${length} bytes: it takes at most ${MAX_PING}`);
  }
}

/** @throws {UnsupportedFeatureError} Always: the runtime sends no ping when it is asked to. */
export function refusePing(runtime: string): never {
  throw new UnsupportedFeatureError(
    `ping() on the WebSockets of ${runtime}`,
    "the setting websocketPingInterval, with which it pings by itself",
  );
}
