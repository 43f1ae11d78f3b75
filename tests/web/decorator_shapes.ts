/**
 * Every decorator on every shape of method: that it compiles is the rule. Some of them also run, in
 * `decorators_test.ts`.
 *
 * @module
 */
import {
  addSlash,
  asynchronous,
  authenticated,
  removeSlash,
  streamRequestBody,
} from "../../src/web/decorators.ts";
import { coroutine } from "../../src/concurrent/coroutine/coroutine.ts";
import { sleep } from "../../src/concurrent/coroutine/sleep.ts";
import type { Application } from "../../src/web/application.ts";
import { type Answer, RequestHandler } from "../../src/web/request_handler.ts";
import type { HandlerClass } from "../../src/web/handler_traits.ts";
import { WebSocketHandler } from "../../src/websocket/web_socket_handler.ts";

class Authenticated extends RequestHandler {
  @authenticated
  override get() {
    this.write("");
  }
  @authenticated
  override async post() {
    await sleep(0);
  }
  @authenticated
  override put() {
    return new Response("");
  }
  @authenticated
  override async patch() {
    await sleep(0);
    return new Response("");
  }
  @authenticated
  override delete(id: string, rest?: string): void {
    this.write(id + rest);
  }
  @authenticated
  override options(...args: string[]): Answer {
    if (args.length > 0) return new Response("");
  }
  @authenticated
  override async head(id: string): Promise<Response | void> {
    await sleep(0);
    if (id === "") return new Response("");
  }
}

class AddSlash extends RequestHandler {
  @addSlash
  override get(_slash: string) {
    this.write("");
  }
  @addSlash
  override async post(_slash: string) {
    await sleep(0);
  }
  @addSlash
  override put() {
    return new Response("");
  }
  @addSlash
  override async patch() {
    await sleep(0);
    return new Response("");
  }
  @addSlash
  override options(): Answer {}
}

class RemoveSlash extends RequestHandler {
  @removeSlash
  override get(_slash: string) {
    this.write("");
  }
  @removeSlash
  override async post(_slash: string) {
    await sleep(0);
  }
  @removeSlash
  override put() {
    return new Response("");
  }
  @removeSlash
  override async patch() {
    await sleep(0);
    return new Response("");
  }
  @removeSlash
  override options(): Answer {}
}

class Asynchronous extends RequestHandler {
  @asynchronous
  override get() {
    setTimeout(() => this.finish("later"));
  }
  @asynchronous
  override async post() {
    await sleep(0);
    this.finish();
  }
  @asynchronous
  override put(id: string): Answer {
    this.finish(id);
  }
}

class Coroutine extends RequestHandler {
  @coroutine
  override *get() {
    yield sleep(0);
    this.write("");
  }
  @coroutine
  override *post(id: string) {
    yield sleep(0);
    return new Response(id);
  }
}

class Stacked extends RequestHandler {
  @authenticated
  @addSlash
  override async get(_slash: string) {
    await sleep(0);
  }
  @removeSlash
  @authenticated
  override post(_slash: string) {
    return new Response("");
  }
  @authenticated
  @coroutine
  override *put() {
    yield sleep(0);
  }
  @authenticated
  @asynchronous
  override patch(id: string) {
    this.finish(id);
  }
  @authenticated
  @asynchronous
  override async delete() {
    await sleep(0);
    this.finish();
  }
}

/** In a class that is bound to an application, and in one that is generic itself. */
class Bound extends RequestHandler<Application> {
  @authenticated
  override async get() {
    await this.application.publish("topic", "text");
  }
}

// deno-lint-ignore no-explicit-any -- as RequestHandler
class Generic<App extends Application = any> extends RequestHandler<App> {
  @authenticated
  @addSlash
  override async get(_slash: string) {
    await sleep(0);
  }
}

class Socket extends WebSocketHandler {
  @authenticated
  override get(...args: string[]): Answer {
    return super.get(...args);
  }
  @authenticated
  override async prepare() {
    await sleep(0);
  }
}

@streamRequestBody
class Upload extends RequestHandler {
  @authenticated
  override async post() {
    await Array.fromAsync(this.request.stream);
  }
}

/** As plain functions. */
class Fields extends RequestHandler {
  override get = authenticated(function (this: RequestHandler, id: string) {
    this.write(id);
  });
  override post = authenticated(async function (this: RequestHandler) {
    await sleep(0);
    this.write("");
  });
  override put = addSlash(function () {
    return new Response("");
  });
  override patch = removeSlash(async function () {
    await sleep(0);
    return new Response("");
  });
  override delete = asynchronous(function (this: RequestHandler) {
    this.finish();
  });
}

/** The classes, by their names. */
export const SHAPES: Readonly<Record<string, HandlerClass>> = {
  Authenticated,
  AddSlash,
  RemoveSlash,
  Asynchronous,
  Coroutine,
  Stacked,
  Bound,
  Generic,
  Socket,
  Upload,
  Fields,
};
