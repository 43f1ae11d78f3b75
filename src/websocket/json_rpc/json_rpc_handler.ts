/** JSON-RPC 2.0 over a WebSocket and over HTTP. */
import { checkOptions, MILLISECONDS } from "../../checks/option_check.ts";
import { shown } from "../../checks/shown.ts";
import { isPromiseLike, reportRejection } from "../../concurrent/coroutine/promise_like.ts";
import { byteLength } from "../../http/body/chunk.ts";
import { excerpt } from "../../http/excerpt.ts";
import { isJson, mediaTypeOf } from "../../http/fields/content_type.ts";
import type { Application } from "../../web/application.ts";
import { HTTPError } from "../../web/http_error.ts";
import { type Answer, exchangeOf } from "../../web/request_handler.ts";
import { CloseCode, FAREWELLS } from "../close_code.ts";
import type { ServerWebSocketHooks } from "../server_web_socket.ts";
import { SENT } from "../outbox.ts";
import { WebSocketClosedError } from "../web_socket_error.ts";
import { speakFor, WebSocketHandler } from "../web_socket_handler.ts";
import { CallLanes } from "./call_lanes.ts";
import { ClientCalls } from "./client_calls.ts";
import { JSONRPCError, RPCErrorCode } from "./json_rpc_error.ts";
import {
  callText,
  errorText,
  readMessage,
  resultText,
  type RPCCall,
  type RPCId,
  type RPCItem,
  type RPCParams,
} from "./json_rpc_message.ts";
import { argumentsOf, methodsOf, type RPCMethod, type RPCMethodList } from "./rpc_method.ts";

/**
 * Options of {@linkcode JSONRPCHandler.call}.
 *
 * @category WebSockets and event streams
 */
export interface RPCCallOptions {
  /** Milliseconds above 0 that the answer may take. Default: `callTimeout` of the handler. */
  readonly timeout?: number;
}

const CALL_OPTIONS = { timeout: MILLISECONDS };

/**
 * Serves JSON-RPC 2.0: over a WebSocket, and the same calls over HTTP POST to the same URL.
 *
 * Clients reach the methods that are marked with {@linkcode rpc}, or named in `rpcMethods`, and no
 * other. A method may be `async`; up to `maxConcurrent` calls of a connection run beside each other,
 * and further ones wait. What it returns is the result. A {@linkcode JSONRPCError} that it throws goes
 * to the client; anything else is logged, and the client gets -32603 without its text.
 *
 * It is a {@linkcode WebSocketHandler} and has its hooks and limits. Calls wait until `open` is done;
 * those that have not begun when the connection closes are dropped. A POST has to have a content type
 * of JSON, which keeps forms of other sites out, and its `Origin`, if it has one, is asked for with
 * `checkOrigin`.
 *
 * @typeParam App The application's class, for those that keep their state in a subclass.
 *
 * @example
 * ```ts
 * import { Application, JSONRPCHandler, rpc, websocketConnect } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * class Calculator extends JSONRPCHandler {
 *   @rpc
 *   add(...numbers: number[]) {
 *     return numbers.reduce((sum, number) => sum + number, 0);
 *   }
 * }
 *
 * await using server = new Application([["/rpc", Calculator]]).listen(0, { handleSignals: false });
 * await using socket = await websocketConnect(`ws://localhost:${server.port}/rpc`);
 * await socket.writeMessage({ jsonrpc: "2.0", method: "add", params: [1, 2, 3], id: "a" });
 * assertEquals(await socket.readMessage(), '{"jsonrpc":"2.0","result":6,"id":"a"}');
 * ```
 *
 * @category WebSockets and event streams
 */
// deno-lint-ignore no-explicit-any -- an application's own class may be generic in its turn
export class JSONRPCHandler<App extends Application = any> extends WebSocketHandler<App> {
  /**
   * Methods that clients may call, besides those that are marked with {@linkcode rpc}: their names, as
   * `["add"]`, or with those of their parameters, as `{ subtract: ["minuend", "subtrahend"] }`.
   */
  static readonly rpcMethods: RPCMethodList = [];

  /** Requests that a batch may have; a larger one is refused as a whole. Default 100. */
  readonly maxBatch: number = 100;
  /**
   * Calls of one connection, or of one POST, that run at the same time. Default 16. Over a WebSocket
   * `inboxMessages` and `inboxBytes` bound those that wait; more closes with 1008.
   */
  readonly maxConcurrent: number = 16;
  /** Milliseconds that the client has to answer a {@linkcode call}. Default 10,000. */
  readonly callTimeout: number = 10_000;

  #connectionLanes: CallLanes | undefined;
  readonly #calls = new ClientCalls();

  // ---- to the client

  /**
   * Sends a notification, which is not answered.
   *
   * @param method The name that the client knows.
   * @param params By position or by name; none unless given.
   * @returns As {@linkcode WebSocketHandler.writeMessage}.
   * @throws {TypeError} If the parameters are no array or object, or cannot be JSON.
   */
  notify(method: string, params?: RPCParams): Promise<void> {
    checkParams(method, params);
    return this.writeMessage(callText(method, params));
  }

  /**
   * Calls a method of the client.
   *
   * @param method The name that the client knows.
   * @param params By position or by name; none unless given.
   * @returns What the client answers. It rejects with a {@linkcode JSONRPCError} if that is an error,
   *   with a {@linkcode TimeoutError} if it does not come in time, and with a
   *   {@linkcode WebSocketClosedError} if the connection closes, or is none. It may be left unhandled.
   * @throws {TypeError} If the parameters are no array or object, or an option is wrong.
   */
  call(method: string, params?: RPCParams, options: RPCCallOptions = {}): Promise<unknown> {
    checkParams(method, params);
    checkOptions(options, CALL_OPTIONS, "option of call()");
    const send = (id: number) => this.writeMessage(callText(method, params, id));
    return this.#calls.begin(method, options.timeout ?? this.callTimeout, send);
  }

  // ---- from the client

  /** Upgrades to a WebSocket, as {@linkcode WebSocketHandler} does. */
  override get(...pathArgs: string[]): Answer {
    this.#checkMethods();
    speakFor(this, { hooks: this.#hooks(), farewells: FAREWELLS });
    return super.get(...pathArgs);
  }

  /** Answers the calls in the body; with 204 if all of them are notifications. */
  override async post(..._pathArgs: string[]): Promise<void> {
    this.#checkMethods();
    this.#checkPost();
    const { isBatch, items } = readMessage(this.request.body, this.maxBatch);
    const lanes = new CallLanes({ ...UNBOUNDED, running: this.maxConcurrent });
    const answer = await textOf(items.map((item) => this.#begin(item, lanes, 0)), isBatch);
    if (this.finished) return;
    if (answer === undefined) {
      this.setStatus(204);
      return this.finish();
    }
    this.setHeader("Content-Type", "application/json");
    this.finish(answer);
  }

  /** A class that offers what it does not have fails as a whole, and before an upgrade. */
  #checkMethods(): void {
    void this.#methods;
  }

  #checkPost(): void {
    const { request } = this;
    const type = mediaTypeOf(request.header("content-type") ?? "");
    if (!isJson(type) && !OTHER_TYPES.includes(type)) {
      throw new HTTPError(415, {
        logMessage: `Cannot read ${excerpt(type)} as JSON-RPC: use application/json`,
      });
    }
    const origin = request.header("origin");
    if (origin === null) return;
    const allowed: unknown = this.checkOrigin(origin);
    reportRejection(allowed, (error) => exchangeOf(this).report(error));
    if (allowed === true) return;
    throw new HTTPError(403, {
      logMessage: `Refused a call of the origin ${excerpt(origin)}: see checkOrigin()`,
    });
  }

  /** Runs what a message asks for. It is not to be overridden. */
  override onMessage(message: string | Uint8Array): void {
    const { isBatch, items } = readMessage(message, this.maxBatch);
    let bytes = byteLength(message);
    const answers: Promise<string | undefined>[] = [];
    for (const item of items) {
      const answer = this.#begin(item, this.#lanes, bytes);
      if (answer === undefined) return this.#refuse();
      answers.push(answer);
      // The calls of a batch came in one message.
      bytes = 0;
    }
    void textOf(answers, isBatch).then((text) => this.#send(text));
  }

  #refuse(): void {
    this.#lanes.close();
    this.close(CloseCode.policy, "Too many calls");
  }

  /** A client that does not read gets no more of its calls run. */
  #send(text: string | undefined): void {
    if (text === undefined) return;
    const sent = this.writeMessage(text);
    if (sent !== SENT) this.#lanes.holdUntil(sent);
  }

  get #lanes(): CallLanes {
    return this.#connectionLanes ??= new CallLanes({
      running: this.maxConcurrent,
      waiting: this.inboxMessages,
      waitingBytes: this.inboxBytes,
    });
  }

  /** Begins with one object of a message; `undefined` if there is no room for it. */
  #begin(item: RPCItem, lanes: CallLanes, bytes: number): Promise<string | undefined> | undefined {
    switch (item.kind) {
      case "call":
        return lanes.run(() => this.#run(item), bytes);
      case "fault":
        // A flood of these is to be bounded, too.
        return lanes.run(() => Promise.resolve(errorText(item.id, item.error)), bytes);
      case "reply":
        this.#calls.settle(item);
        return NO_ANSWER;
    }
  }

  async #run({ method, params, id }: RPCCall): Promise<string | undefined> {
    try {
      const found = this.#methods.get(method);
      if (found === undefined) throw methodNotFound();
      const result = await found.run(this, argumentsOf(found, params));
      return id === undefined ? undefined : resultText(id, result);
    } catch (error) {
      return this.#failure(id, error);
    }
  }

  #failure(id: RPCId | undefined, error: unknown): string | undefined {
    if (!(error instanceof JSONRPCError)) return this.#secret(id, error);
    try {
      return id === undefined ? undefined : errorText(id, error);
    } catch (failure) {
      return this.#secret(id, failure);
    }
  }

  /** What went wrong is for the log alone. */
  #secret(id: RPCId | undefined, error: unknown): string | undefined {
    const left = error instanceof WebSocketClosedError && this.closeCode !== null;
    if (!left) exchangeOf(this).report(error);
    return id === undefined ? undefined : errorText(id, internalError());
  }

  get #methods(): ReadonlyMap<string, RPCMethod> {
    // TypeScript knows no class of an instance.
    const { name, rpcMethods } = this.constructor as typeof JSONRPCHandler;
    const prototype: object = Object.getPrototypeOf(this);
    return methodsOf({ name, rpcMethods, prototype }, JSONRPCHandler.prototype);
  }

  // ---- the connection

  /** Answers of the client come through while `open` waits for one of them. */
  #hooks(): ServerWebSocketHooks {
    return {
      pathArgs: this.pathArgs,
      open: (...pathArgs) => this.#opening(Reflect.apply(this.open, this, pathArgs)),
      onMessage: (message) => this.onMessage(message),
      onClose: () => this.#closed(),
    };
  }

  #opening(opening: unknown): void {
    if (!isPromiseLike(opening)) return;
    const opened = Promise.resolve(opening).then(undefined, (error) => this.#failOpen(error));
    this.#lanes.holdUntil(opened);
  }

  #failOpen(error: unknown): void {
    this.#lanes.close();
    if (!(error instanceof WebSocketClosedError)) exchangeOf(this).report(error);
    this.close(CloseCode.internalError);
  }

  #closed(): unknown {
    this.#lanes.close();
    this.#calls.fail(new WebSocketClosedError("Cannot call the client: the WebSocket is closed"));
    return this.onClose();
  }
}

/** Content types that were in use for JSON-RPC before there was one of JSON. */
const OTHER_TYPES: readonly string[] = ["application/json-rpc", "application/jsonrequest"];
/** A body is bounded by its batch. */
const UNBOUNDED = { waiting: Infinity, waitingBytes: Infinity };
const NO_ANSWER: Promise<undefined> = Promise.resolve(undefined);

/** One answer, or those of a batch; `undefined` if there is nothing to answer. */
async function textOf(
  answers: readonly (Promise<string | undefined> | undefined)[],
  isBatch: boolean,
): Promise<string | undefined> {
  const texts = (await Promise.all(answers)).filter((text) => text !== undefined);
  if (texts.length === 0) return undefined;
  return isBatch ? `[${texts.join(",")}]` : texts[0];
}

function methodNotFound(): JSONRPCError {
  return new JSONRPCError(RPCErrorCode.methodNotFound, "Method not found");
}

function internalError(): JSONRPCError {
  return new JSONRPCError(RPCErrorCode.internal, "Internal error");
}

function checkParams(method: string, params: unknown): void {
  if (params === undefined || typeof params === "object" && params !== null) return;
  throw new TypeError(
    `Cannot call ${excerpt(method)} with ${shown(params)}: parameters are an array or an object`,
  );
}
