/** The Durable Object that hosts the topics of an application. */
import { hibernatingPlatform } from "../platform/workers/hibernating_platform.ts";
import type { HibernatingSocket } from "../platform/workers/hibernating_socket.ts";
import type { Platform } from "../platform/platform.ts";
import type { Broker } from "../topics/broker/broker.ts";
import { SUBPROTOCOL } from "../topics/handlers/subprotocol.ts";
import { type Application, partsOf } from "../web/application.ts";
import { generalLog, logApplicationError } from "../log.ts";
import type { DurableObjectState } from "./durable_object.ts";
import { KeptSockets } from "./kept_sockets.ts";
import { ObjectBroker } from "./object_broker.ts";
import { answerOperation } from "./object_operation.ts";
import { SleepingSocket } from "./sleeping_socket.ts";

/**
 * What the application within the object needs among its settings.
 *
 * @category Workers
 */
export interface TopicObjectSettings {
  /** Keeps the topics in the object. */
  readonly broker: Broker;
  /** Keeps the sockets open while the object sleeps. */
  readonly platform: Platform;
}

/** Milliseconds between two looks at what has expired. Tokens hold an hour. */
const ALARM = 600_000;
/** Come back now: the client does, and catches up. */
const COME_BACK = 4000;

/**
 * Hosts the topics of an application on Workers: the class of a Durable Object, which the worker exports.
 * Sockets of clients stay open while it sleeps. When something comes it wakes, and goes on where every
 * connection was: handlers are made anew, `open` and `onResume` run, `canSubscribe` is asked again, and the
 * client notices nothing. One whose subscriptions are not the same then is closed with 4000, comes back at
 * once, and catches up.
 *
 * The log, its limits and who is present are in the database of the object. Everything that is published
 * goes through one object, so that it bounds how much can be: some hundred messages a second.
 *
 * @example
 * ```ts
 * import { Application, type Route } from "@gustnado/gustnado";
 * import { TopicHandler } from "@gustnado/gustnado/topics";
 * import {
 *   durableObjectBroker,
 *   TopicObject,
 *   type TopicObjectSettings,
 *   topicSockets,
 * } from "@gustnado/gustnado/workers";
 *
 * class Chat extends TopicHandler {
 *   override canSubscribe(topic: string) {
 *     return topic.startsWith("chat/");
 *   }
 * }
 *
 * const routes: Route[] = [["/topics", Chat]];
 * const settings = {
 *   topics: { "chat/*": { history: 500 } },
 *   cookieSecret: "32 random bytes, out of the secrets of the worker",
 * };
 *
 * export class Topics extends TopicObject {
 *   override createApplication(own: TopicObjectSettings) {
 *     return new Application(routes, { ...settings, ...own });
 *   }
 * }
 *
 * export default new Application(routes, {
 *   ...settings,
 *   broker: durableObjectBroker(),
 *   middleware: [topicSockets()],
 * });
 * ```
 *
 * @category Workers
 */
export abstract class TopicObject {
  readonly #state: DurableObjectState;
  readonly #environment: object;
  readonly #broker: ObjectBroker;
  readonly #kept: KeptSockets;
  readonly #sockets = new Map<string, SleepingSocket>();
  readonly #revived = new WeakMap<Request, HibernatingSocket>();
  readonly #application: Application;

  /**
   * Objects are made by the runtime.
   *
   * @param state What it keeps.
   * @param environment The bindings of the worker.
   * @throws {TypeError} If the application has no `cookieSecret`.
   */
  constructor(state: DurableObjectState, environment: object) {
    this.#state = state;
    this.#environment = environment;
    this.#broker = new ObjectBroker(state);
    this.#kept = new KeptSockets(state.storage.sql);
    const platform = hibernatingPlatform({
      revived: (request) => this.#revived.get(request),
      accept: (socket, request) => this.#accept(socket, request),
    });
    this.#application = this.createApplication({ broker: this.#broker, platform }, environment);
    checkApplication(this.#application, this.#broker);
    void state.blockConcurrencyWhile(() => this.#wake());
  }

  /**
   * Makes the application of this object: with the same routes and settings as the one that the worker
   * exports, but for what is given here. It runs whenever the object wakes.
   *
   * @param settings What has to be among the settings.
   * @param environment The bindings of the worker.
   */
  abstract createApplication(settings: TopicObjectSettings, environment: object): Application;

  /** Answers the worker: takes a socket over, or does what its broker asks for. */
  async fetch(request: Request): Promise<Response> {
    if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
      return await answerOperation(request, this.#broker);
    }
    if (!offersTopics(request)) return new Response(`Offer ${SUBPROTOCOL}`, { status: 400 });
    return await this.#application.fetch(request, this.#environment, this.#state);
  }

  /** The client of a socket has sent a message. Is called by the runtime. */
  webSocketMessage(native: WebSocket, message: string | ArrayBuffer): void {
    this.#socketOf(native)?.receive(message);
  }

  /** The client of a socket has left. Is called by the runtime. */
  webSocketClose(native: WebSocket, code: number, reason: string): void {
    const id = idOf(native);
    this.#sockets.get(id)?.end(code, reason);
    this.#sockets.delete(id);
    this.#kept.delete(id);
    // The runtime has not answered the close frame yet; codes that are no codes cannot be sent.
    closeQuietly(native, code === 1000 || code >= 3000 ? code : 1000, reason);
  }

  /** A socket has failed. Is called by the runtime. */
  webSocketError(native: WebSocket, _error: unknown): void {
    this.webSocketClose(native, 1006, "");
  }

  /** The time has come to renew tokens, and to let go what has expired. Is called by the runtime. */
  async alarm(): Promise<void> {
    for (const connection of this.#broker.sleepers) connection.renewToken();
    this.#broker.log.sweep();
    if (this.#sockets.size > 0 || !this.#broker.log.isEmpty) await this.#setAlarm();
  }

  #setAlarm(): Promise<void> {
    return this.#state.storage.setAlarm(Date.now() + ALARM);
  }

  #accept(native: WebSocket, request: Request): HibernatingSocket {
    const id = crypto.randomUUID();
    attach(native, id);
    this.#state.acceptWebSocket(native);
    this.#kept.add(id, request);
    return this.#add(native, id).socket;
  }

  #add(native: WebSocket, id: string): SleepingSocket {
    const socket = new SleepingSocket(native, id, this.#kept);
    this.#sockets.set(id, socket);
    return socket;
  }

  #socketOf(native: WebSocket): SleepingSocket | undefined {
    const socket = this.#sockets.get(idOf(native));
    if (socket === undefined) closeQuietly(native, COME_BACK, "");
    return socket;
  }

  /** Goes on where it was. Nothing comes in before. */
  async #wake(): Promise<void> {
    try {
      await partsOf(this.#application).topicKit.start();
      const natives = this.#state.getWebSockets();
      await Promise.all(natives.map((native) => this.#revive(native)));
      this.#kept.keepOnly(new Set(this.#sockets.keys()));
      this.#broker.presence.forgetAbsent();
      await this.#setAlarm();
    } catch (error) {
      logApplicationError("Cannot wake the topics", error);
    }
  }

  async #revive(native: WebSocket): Promise<void> {
    const id = idOf(native);
    const kept = this.#kept.find(id);
    if (kept !== null && await this.#takeUp(native, id, kept).catch(logged)) return;
    generalLog()?.info("A socket could not be taken up again: its client comes back");
    this.#sockets.get(id)?.end(COME_BACK, "");
    this.#sockets.delete(id);
    this.#kept.delete(id);
    closeQuietly(native, COME_BACK, "");
  }

  async #takeUp(
    native: WebSocket,
    id: string,
    kept: NonNullable<ReturnType<KeptSockets["find"]>>,
  ): Promise<boolean> {
    const socket = this.#add(native, id);
    this.#revived.set(kept.request, socket.socket);
    const { status } = await this.#application.fetch(
      kept.request,
      this.#environment,
      this.#state,
    );
    return status === 101 && await socket.revive(kept);
  }
}

function logged(error: unknown): false {
  logApplicationError("Cannot take a socket up again", error);
  return false;
}

/** @throws {TypeError} If sessions would end whenever the object sleeps. */
function checkApplication({ settings }: Application, broker: Broker): void {
  if (settings.broker !== broker) {
    throw new TypeError(
      "Cannot host topics: the application has another broker; spread the first argument of " +
        "createApplication() into its settings",
    );
  }
  if (settings.cookieSecret === undefined) {
    throw new TypeError(
      "Cannot host topics without cookieSecret: sessions would end whenever the object sleeps",
    );
  }
}

function offersTopics(request: Request): boolean {
  const offered = request.headers.get("sec-websocket-protocol") ?? "";
  return offered.split(",").some((protocol) => protocol.trim() === SUBPROTOCOL);
}

/** What the runtime keeps with a socket. */
interface AttachableSocket {
  serializeAttachment(value: unknown): void;
  deserializeAttachment(): unknown;
}

function attach(native: WebSocket, id: string): void {
  (native as WebSocket & AttachableSocket).serializeAttachment(id);
}

function idOf(native: WebSocket): string {
  return String((native as WebSocket & AttachableSocket).deserializeAttachment());
}

/** It may be closed already. */
function closeQuietly(native: WebSocket, code: number, reason: string): void {
  try {
    native.close(code, reason);
  } catch {
    // Then it is.
  }
}
