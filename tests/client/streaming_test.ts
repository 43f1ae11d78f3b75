import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  Application,
  AsyncHTTPClient,
  HTTPStreamClosedError,
  HTTPTimeoutError,
  RequestHandler,
} from "../../mod.ts";
import { hostileServer } from "../support/hostile_server.ts";
import { serve } from "../support/serve.ts";

const KIB = 1024;

class Upload extends RequestHandler {
  override post() {
    const { body } = this.request;
    this.write({ length: body.length, length_field: this.request.header("content-length") });
  }
}

class Pieces extends RequestHandler {
  override async get() {
    this.setHeader("X-Kind", "pieces");
    for (const piece of ["one ", "two ", "three"]) {
      this.write(piece);
      await this.flush();
    }
  }
}

const app = () => new Application([["/upload", Upload], ["/pieces", Pieces]]);

Deno.test("streaming callback gets the body, and the response an empty one", async () => {
  await using server = serve(app());
  using client = new AsyncHTTPClient();
  let text = "";
  const response = await client.fetch(`${server.origin}/pieces`, {
    streamingCallback: (chunk) => void (text += new TextDecoder().decode(chunk)),
  });
  assertEquals([text, response.body.length], ["one two three", 0]);
});

Deno.test("streaming callback is not called again before its promise settles", async () => {
  await using server = hostileServer(async ({ send }) => {
    await send("HTTP/1.1 200 OK\r\nContent-Length: 1048576\r\n\r\n");
    await send(new Uint8Array(1024 * KIB));
  });
  using client = new AsyncHTTPClient();
  let running = 0, received = 0;
  await client.fetch(server.origin, {
    streamingCallback: async (chunk) => {
      assertEquals(++running, 1);
      await new Promise((resolve) => setTimeout(resolve, 0));
      received += chunk.length;
      running--;
    },
  });
  assertEquals(received, 1024 * KIB);
});

Deno.test("exception of a callback comes out as it is and ends the connection", async () => {
  await using server = hostileServer(async (connection) => {
    await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc");
    await connection.gone();
  });
  using client = new AsyncHTTPClient({ maxClients: 1 });
  const wrong = new RangeError("wrong");
  const fail = () => {
    throw wrong;
  };
  for (const name of ["streamingCallback", "headerCallback", "downloadProgress"] as const) {
    assertEquals(await assertRejects(() => client.fetch(server.origin, { [name]: fail })), wrong);
  }
  const produced = () => client.fetch(server.origin, { method: "POST", bodyProducer: fail });
  assertEquals(await assertRejects(produced), wrong);
});

Deno.test("header callback gets the head of the final response, line by line", async () => {
  await using server = serve(app());
  using client = new AsyncHTTPClient();
  const lines: string[] = [];
  await client.fetch(`${server.origin}/pieces`, {
    headerCallback: (line) => void lines.push(line),
  });
  assertEquals([lines[0], lines.at(-1)], ["HTTP/1.1 200 OK\r\n", "\r\n"]);
  assert(lines.includes("x-kind: pieces\r\n"), lines.join(""));
});

Deno.test("body can be a producer, a stream or an async iterable", async () => {
  await using server = serve(app());
  using client = new AsyncHTTPClient();
  const url = `${server.origin}/upload`;
  const send = async (options: object) =>
    ((await client.fetch(url, { method: "POST", ...options })).json() as { length: number }).length;
  const producer = async (write: (chunk: string | Uint8Array) => Promise<void>) => {
    for (let i = 0; i < 10; i++) await write("0123456789");
    await write(new Uint8Array(0));
    await write(new Uint8Array(KIB));
  };
  assertEquals(await send({ bodyProducer: producer }), 100 + KIB);
  assertEquals(await send({ bodyProducer: () => {} }), 0);
  assertEquals(await send({ body: new Blob(["abc"]).stream() }), 3);
  assertEquals(
    await send({
      body: (async function* () {
        yield "ab";
        yield new Uint8Array(3);
      })(),
    }),
    5,
  );
});

Deno.test("exception in the middle of a producer is what the fetch rejects with", async () => {
  await using server = serve(app());
  using client = new AsyncHTTPClient({ maxClients: 1 });
  const wrong = new Error("out of ink");
  const options = {
    method: "POST",
    bodyProducer: async (write: (chunk: string) => Promise<void>) => {
      await write("half");
      throw wrong;
    },
  };
  assertEquals(await assertRejects(() => client.fetch(`${server.origin}/upload`, options)), wrong);
});

Deno.test("producer that waits for a server that has gone does not wait for ever", async () => {
  await using server = hostileServer(() => {});
  using client = new AsyncHTTPClient();
  const bodyProducer = async (write: (chunk: Uint8Array) => Promise<void>) => {
    for (let i = 0; i < 1_000; i++) await write(new Uint8Array(64 * KIB));
  };
  const fetching = () => client.fetch(server.origin, { method: "POST", bodyProducer });
  await assertRejects(fetching, HTTPStreamClosedError);
});

Deno.test("progress is told in both directions, up to the end", async () => {
  await using server = serve(app());
  using client = new AsyncHTTPClient();
  const up: [number, number | null][] = [];
  const down: [number, number | null][] = [];
  const response = await client.fetch(`${server.origin}/upload`, {
    method: "POST",
    body: new Uint8Array(100 * KIB),
    uploadProgress: (sent, total) => void up.push([sent, total]),
    downloadProgress: (received, total) => void down.push([received, total]),
  });
  assertEquals((response.json() as { length: number }).length, 100 * KIB);
  assertEquals(up, [[64 * KIB, 100 * KIB], [100 * KIB, 100 * KIB]]);
  assertEquals(down.at(-1), [response.body.length, response.body.length]);
});

Deno.test("progress tells how much is due as far as that is known", async () => {
  const bodies = {
    "Content-Length: 4\r\n\r\nabcd": 4,
    "Content-Length: 10\r\n\r\n0123456789": 10,
    "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n": null,
  };
  for (const [rest, due] of Object.entries(bodies)) {
    await using server = hostileServer(({ send }) => send(`HTTP/1.1 200 OK\r\n${rest}`));
    using client = new AsyncHTTPClient();
    const told: (number | null)[][] = [];
    const { body } = await client.fetch(server.origin, {
      downloadProgress: (...progress) => void told.push(progress),
    });
    assertEquals(told.at(-1), [body.length, due]);
  }
});

Deno.test("timeout ends an upload that the server does not read", async () => {
  const over = Promise.withResolvers<void>();
  await using server = hostileServer(() => over.promise);
  using client = new AsyncHTTPClient();
  const fetching = () =>
    client.fetch(server.origin, {
      method: "POST",
      requestTimeout: 100,
      bodyProducer: async (write) => {
        for (let i = 0; i < 1_000; i++) await write(new Uint8Array(64 * KIB));
      },
    });
  await assertRejects(fetching, HTTPTimeoutError, "during the request");
  over.resolve();
});
