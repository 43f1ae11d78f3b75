import { assert, assertEquals, assertRejects } from "@std/assert";
import { TopicClient } from "../../../src/topics/browser/topic_client.ts";
import { TopicError } from "../../../src/topics/browser/topic_error.ts";
import { Application } from "../../../src/web/application.ts";
import { RequestHandler } from "../../../src/web/request_handler.ts";
import { EventStreamHandler, type ServerSentEvent } from "../../../src/web/event_stream_handler.ts";
import { poll } from "../../support/poll.ts";
import { heard } from "../../support/scripted_topics.ts";
import { serve } from "../../support/serve.ts";

async function until(condition: () => boolean): Promise<void> {
  assert(await poll(condition), `never came true: ${condition}`);
}

const BEGUN = { event: "subscribed", id: "e.0", data: '{"position":"e.0"}' };

/** What came of a POST. */
interface Posted {
  readonly body: string;
  readonly number: string | null;
  readonly producer: string | null;
  readonly token: string | null;
}

/** A server without WebSockets, whose streams say what a test says. */
class ScriptedStreams implements AsyncDisposable {
  readonly posts: Posted[] = [];
  /** The queries of the streams. */
  readonly queries: string[] = [];
  /** The status of the answers to POST, one after the other; then 200. */
  statuses: number[] = [];
  /** That of the streams. */
  streamStatuses: number[] = [];
  readonly #server: ReturnType<typeof serve>;

  constructor(events: readonly ServerSentEvent[] = []) {
    // deno-lint-ignore no-this-alias -- its handlers have a `this` of their own
    const script = this;
    class Stream extends EventStreamHandler {
      override prepare(): void {
        if (this.request.method === "POST") return;
        const status = script.streamStatuses.shift() ?? 200;
        if (status !== 200) this.sendError(status);
      }
      override async open(): Promise<void> {
        script.queries.push(this.request.query);
        for (const event of events) await this.send(event);
      }
      override post(): void {
        const { request } = this;
        script.posts.push({
          body: new TextDecoder().decode(request.body),
          number: request.headers.get("topic-number"),
          producer: request.headers.get("topic-producer"),
          token: request.headers.get("x-token"),
        });
        this.setStatus(script.statuses.shift() ?? 200);
        this.finish({ position: `e.${script.posts.length}` });
      }
    }
    class Nowhere extends RequestHandler {
      override get() {
        this.sendError(502);
      }
    }
    this.#server = serve(new Application([["/topics", Nowhere], ["/stream/:topic", Stream]]));
  }

  client(): TopicClient {
    const { origin } = this.#server;
    let token = 0;
    return new TopicClient(`${origin}/topics`, {
      maxDelay: 20,
      fallback: (topic) => `${origin}/stream/${topic}`,
      headers: () => ({ "x-token": `${++token}` }),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }
}

Deno.test("a POST is sent again with its number until the server can answer", async () => {
  await using server = new ScriptedStreams();
  using client = server.client();
  server.statuses = [503, 502, 504];
  assertEquals(await client.publish("t", "a"), "e.4");
  assertEquals(await client.publish("t", { b: 1 }), "e.5");
  const [first, ...rest] = server.posts;
  assertEquals(server.posts.map(({ body }) => body), ['"a"', '"a"', '"a"', '"a"', '{"b":1}']);
  assertEquals(server.posts.map(({ number }) => number), ["1", "1", "1", "1", "2"]);
  assert(rest.every(({ producer }) => producer === first?.producer));
  assertEquals([first?.token, rest.at(-1)?.token], ["1", "2"]);
});

Deno.test("a POST that is refused rejects with its status", async () => {
  await using server = new ScriptedStreams();
  using client = server.client();
  for (const status of [400, 403, 413, 429, 500]) {
    server.statuses = [status];
    const error = await assertRejects(() => client.publish("t", "a"), TopicError);
    assertEquals(error.code, status);
  }
  assertEquals(server.posts.length, 5);
});

Deno.test("close() gives up what is being posted", async () => {
  await using server = new ScriptedStreams();
  using client = server.client();
  server.statuses = Array(1_000).fill(503);
  const waiting = client.publish("t", "a");
  await until(() => server.posts.length > 1);
  client.close();
  await assertRejects(() => waiting, TopicError, "The connection is closed");
  assertEquals([client.state, client.queued], ["closed", 0]);
});

Deno.test("events are those of a subscription; what is malformed is left out", async () => {
  await using server = new ScriptedStreams([
    { event: "subscribed", id: "e.3", data: '{"position":"e.3","recovered":false}' },
    { id: "e.4", data: '{"a":1}' },
    { id: "e.4", data: '"a double"' },
    { id: "e.5", data: "no JSON" },
    { event: "bytes", id: "e.6", data: "*" },
    { event: "bytes", id: "e.7", data: "AP8=" },
    { event: "present", data: '{"members":[{"id":"ada","info":null}]}' },
    { event: "joined", data: '{"member":{"id":"bob","info":1}}' },
    { event: "left", data: '{"member":{"id":"ada","info":null}}' },
    { event: "lost", id: "e.20", data: '{"position":"e.20"}' },
    { event: "other", data: "?" },
    { id: "e.21", data: "null" },
  ]);
  using client = server.client();
  const topic = client.subscribe("t", { after: "e.1", presence: true });
  const events = heard(topic, "lost", "subscribed", "message", "join", "leave");
  await until(() => topic.position === "e.21");
  assertEquals(events, [
    ["lost"],
    ["subscribed"],
    ["message", { a: 1 }, "e.4"],
    ["message", Uint8Array.of(0, 255), "e.7"],
    ["join", { id: "ada", info: null }],
    ["join", { id: "bob", info: 1 }],
    ["leave", { id: "ada", info: null }],
    ["lost"],
    ["message", null, "e.21"],
  ]);
  assertEquals(server.queries, ["after=e.1&presence=true"]);
  assertEquals(client.state, "open");
});

Deno.test("a stream that the browser gives up is opened again, unless it is refused", async () => {
  await using server = new ScriptedStreams([BEGUN]);
  using client = server.client();
  server.streamStatuses = [503, 200, 503, 503];
  const topic = client.subscribe("t");
  await until(() => topic.position === "e.0");
  server.streamStatuses = [404, 404];
  const refused = heard(client.subscribe("u"), "error");
  await until(() => refused.length === 1);
  const error = refused[0]?.[1];
  assertEquals(error instanceof TopicError && error.code, 404);
});

Deno.test("a client that has closed leaves no stream, and can connect again", async () => {
  await using server = new ScriptedStreams([BEGUN]);
  using client = server.client();
  const topic = client.subscribe("t");
  const begun = heard(topic, "subscribed");
  await until(() => begun.length === 1);
  client.close();
  assertEquals(client.state, "closed");
  client.connect();
  await until(() => begun.length === 2);
  assertEquals(server.queries, ["", "after=e.0"]);
  topic.unsubscribe();
});
