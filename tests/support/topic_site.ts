/**
 * Topics as a whole, with a way to them that can be cut.
 *
 * @module
 */
import { assert } from "@std/assert";
import { TopicHandler } from "../../src/topics/handlers/topic_handler.ts";
import { TopicStreamHandler } from "../../src/topics/handlers/topic_stream_handler.ts";
import { Application } from "../../src/web/application.ts";
import { HTTPError } from "../../src/web/http_error.ts";
import type { Route } from "../../src/web/routing/routing.ts";
import { CutProxy } from "./cut_proxy.ts";
import { poll } from "./poll.ts";
import { serve, type ServedApplication } from "./serve.ts";
import { SharedEngine } from "./shared_engine.ts";

/**
 * An application of topics: `log/*` keeps 1,000 messages, `short` 10, `room` has presence, `secret` is
 * for nobody. A visitor is who `?name=` says. `/stream/` has event streams.
 */
export class TopicSite implements AsyncDisposable {
  /** What clients sent to the handler. */
  readonly told: unknown[] = [];
  /** What keeps the topics; it can be lost. */
  readonly engine: SharedEngine = new SharedEngine();
  /** The way to the site, which can be cut. */
  readonly proxy: CutProxy;
  /** Whether no WebSocket comes through. */
  isBlocked = false;
  readonly #routes: readonly Route[];
  #app: Application;
  #server: ServedApplication;

  /** @param routes What else it serves. */
  constructor(routes: readonly Route[] = []) {
    this.#routes = routes;
    this.#app = this.#application();
    this.#server = serve(this.#app);
    this.proxy = new CutProxy(this.#server.port);
  }

  /** The application, until it is replaced. */
  get app(): Application {
    return this.#app;
  }

  /** Replaces the server by another one that has the same topics, as a deployment does. */
  async replace(): Promise<void> {
    const before = this.#server;
    this.#app = this.#application();
    this.#server = serve(this.#app);
    this.proxy.pointTo(this.#server.port);
    await before[Symbol.asyncDispose]();
  }

  #application(): Application {
    // deno-lint-ignore no-this-alias -- its handlers have a `this` of their own
    const site = this;
    class Topics extends TopicHandler {
      override prepare(): void {
        if (site.isBlocked) throw new HTTPError(502);
      }
      override canSubscribe(topic: string): boolean {
        return topic !== "secret";
      }
      override canPublish(topic: string): boolean {
        return topic !== "secret";
      }
      override onMessage(data: unknown): unknown {
        site.told.push(data);
        return { told: data };
      }
      override getPresence() {
        return { id: this.getQueryArgument("name", "nobody"), info: { here: true } };
      }
    }
    class Stream extends TopicStreamHandler {
      override canSubscribe(topic: string): boolean {
        return topic !== "secret";
      }
      override canPublish(topic: string): boolean {
        return topic !== "secret";
      }
      override getPresence() {
        return { id: this.getQueryArgument("name", "nobody"), info: { here: true } };
      }
    }
    const routes = [["/topics", Topics], ["/stream/(.*)", Stream], ...this.#routes] as const;
    return new Application(routes, {
      topics: { "log/*": { history: 1_000 }, "short": { history: 10 }, "room": { presence: true } },
      broker: this.engine.broker(),
      cookieSecret: "a secret of these tests",
    });
  }

  /** The beginning of its URLs. */
  get origin(): string {
    return `http://127.0.0.1:${this.proxy.port}`;
  }

  /** Waits until a client has sent something to the handler. */
  async isTold(): Promise<void> {
    assert(await poll(() => this.told.length > 0), "nobody has sent anything");
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.proxy[Symbol.asyncDispose]();
    await this.#server[Symbol.asyncDispose]();
  }
}
