import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  AsyncHTTPClient,
  type AsyncHTTPClientOptions,
  type FetchOptions,
  HTTPTimeoutError,
} from "../../mod.ts";
import { hostileServer } from "../support/hostile_server.ts";
import { captureLogs, expectLog } from "../support/log_records.ts";
import { poll } from "../support/poll.ts";

const wrong = new RangeError("wrong");

/** Ways for something of the caller's to misbehave. */
const misdeeds: Readonly<Record<string, () => unknown>> = {
  "never settles": () => new Promise(() => {}),
  "has a then that calls nobody": () => ({ then() {} }),
  "throws": () => {
    throw wrong;
  },
  "rejects": () => Promise.reject(wrong),
  "has a then that rejects": () => ({
    then: (_: unknown, reject: (error: unknown) => void) => reject(wrong),
  }),
  "has a then that throws": () => ({
    then() {
      throw wrong;
    },
  }),
};

/** What a client is told with one thing of the caller's in it. */
interface Setup {
  readonly client?: AsyncHTTPClientOptions;
  readonly options?: FetchOptions;
}

/** What the types would not let pass, as the types of a JavaScript user. */
function setup(parts: { readonly client?: object; readonly options?: object }): Setup {
  return parts;
}

function pulled(pull: () => unknown) {
  return { pull: async () => void await pull() };
}

const jar = { getCookieString: () => "", setCookie: () => {} };
const upload = { method: "POST" };

/** Everything that is waited for. */
const awaited: Readonly<Record<string, (misbehave: () => unknown) => Setup>> = {
  streamingCallback: (streamingCallback) => setup({ options: { streamingCallback } }),
  bodyProducer: (bodyProducer) => setup({ options: { ...upload, bodyProducer } }),
  "body that is an iterable": (next) =>
    setup({ options: { ...upload, body: { [Symbol.asyncIterator]: () => ({ next }) } } }),
  "body that is a stream": (pull) =>
    setup({ options: { ...upload, body: new ReadableStream(pulled(pull)) } }),
  getCookieString: (getCookieString) =>
    setup({ client: { cookieJar: { ...jar, getCookieString } } }),
  setCookie: (setCookie) => setup({ client: { cookieJar: { ...jar, setCookie } } }),
  fetch: (fetch) => setup({ client: { fetch } }),
  "body of a response of its own fetch": (pull) => {
    const stream = () => new ReadableStream(pulled(pull), { highWaterMark: 0 });
    return setup({ client: { fetch: () => Promise.resolve(new Response(stream())) } });
  },
};

/** What is told something, and not waited for. */
const told: Readonly<Record<string, (misbehave: () => unknown) => Setup>> = {
  headerCallback: (headerCallback) => setup({ options: { headerCallback } }),
  downloadProgress: (downloadProgress) => setup({ options: { downloadProgress } }),
  uploadProgress: (uploadProgress) =>
    setup({ options: { ...upload, body: "abc", uploadProgress } }),
};

/** Answers with a cookie and a body of which a part is missing, and waits for the client to leave. */
function halfAnswer() {
  return hostileServer(async (connection) => {
    await connection.send(
      "HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nContent-Length: 4\r\n\r\nab",
    );
    await connection.gone();
  });
}

async function assertPlaceIsFree(client: AsyncHTTPClient): Promise<void> {
  // With a fetch or a jar that misbehaves, coming to its turn is all that a request can do.
  const error = await client.fetch("http://127.0.0.1:1/", { requestTimeout: 20 }).then(
    () => null,
    (error: unknown) => error,
  );
  const text = String(error);
  assert(!text.includes("in the request queue"), text);
}

for (const [name, make] of Object.entries(awaited)) {
  for (const [misdeed, misbehave] of Object.entries(misdeeds)) {
    const isEndless = misdeed.includes("never") || misdeed.includes("nobody");
    Deno.test(`client holds its timeout and keeps no place when a ${name} ${misdeed}`, async () => {
      await using server = halfAnswer();
      const { client: told, options } = make(misbehave);
      using client = new AsyncHTTPClient({ maxClients: 1, ...told });
      // Only who waits for the timeout has a short one: a busy machine must not turn others into it.
      const requestTimeout = isEndless ? 300 : 15_000;
      const fetching = () => client.fetch(server.origin, { requestTimeout, ...options });
      const error = await assertRejects(fetching);
      if (isEndless) assert(error instanceof HTTPTimeoutError, String(error));
      else assertEquals([error, error instanceof Error && error.cause].includes(wrong), true);
      await assertPlaceIsFree(client);
      assert(await poll(() => server.open === 0), "The connection is still open");
    });

    if (!isEndless) continue;
    Deno.test(`signal cancels a fetch whose ${name} ${misdeed}`, async () => {
      await using server = halfAnswer();
      const begun = Promise.withResolvers<void>();
      const { client: told, options } = make(() => {
        begun.resolve();
        return misbehave();
      });
      using client = new AsyncHTTPClient({ maxClients: 1, ...told });
      const abort = new AbortController();
      const fetching = client.fetch(server.origin, {
        requestTimeout: 0,
        ...options,
        signal: abort.signal,
      });
      await Promise.race([begun.promise, fetching]);
      abort.abort(wrong);
      assertEquals(await assertRejects(() => fetching), wrong);
      await assertPlaceIsFree(client);
      assert(await poll(() => server.open === 0), "The connection is still open");
    });
  }
}

for (const [name, make] of Object.entries(told)) {
  for (const [misdeed, misbehave] of Object.entries(misdeeds)) {
    const isEndless = misdeed.includes("never") || misdeed.includes("nobody");
    Deno.test(`client does not wait for a ${name}, and fails when it fails: it ${misdeed}`, async () => {
      await using server = hostileServer(({ send }) =>
        send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab")
      );
      const { options } = make(misbehave);
      using client = new AsyncHTTPClient({ maxClients: 1 });
      for (let time = 1; time <= 2; time++) {
        const fetching = client.fetch(server.origin, options);
        if (isEndless) assertEquals((await fetching).text(), "ab");
        else assertEquals(await assertRejects(() => fetching), wrong);
      }
    });
  }
}

Deno.test("callback that is not waited for and fails after the end is logged", async () => {
  using records = captureLogs();
  const late = Promise.withResolvers<void>();
  using client = new AsyncHTTPClient({ fetch: () => Promise.resolve(new Response("ok")) });
  const headerCallback = () => late.promise;
  assertEquals((await client.fetch("http://a/", { headerCallback })).text(), "ok");
  late.reject(wrong);
  for (let line = 0; line < 3; line++) await expectLog(records, "error", /callback of fetch/);
});

Deno.test("callback that settles after the end begins nothing again", async () => {
  const late = Promise.withResolvers<string>();
  let fetches = 0;
  const cookieJar = { getCookieString: () => late.promise, setCookie: () => {} };
  using client = new AsyncHTTPClient({
    cookieJar,
    maxClients: 1,
    fetch: () => {
      fetches++;
      return Promise.resolve(new Response("ok"));
    },
  });
  const fetching = () => client.fetch("http://a/", { requestTimeout: 20 });
  await assertRejects(fetching, HTTPTimeoutError);
  late.resolve("a=1");
  assertEquals((await client.fetch("http://a/")).text(), "ok");
  assertEquals(fetches, 1);
});

Deno.test("streaming callback that settles after the end gets nothing more", async () => {
  const late = Promise.withResolvers<void>();
  const abort = new AbortController();
  let calls = 0;
  using client = new AsyncHTTPClient({
    fetch: () =>
      Promise.resolve(
        new Response(new ReadableStream({ pull: (c) => c.enqueue(new Uint8Array(1)) })),
      ),
  });
  const streamingCallback = () => {
    calls++;
    abort.abort(wrong);
    return late.promise;
  };
  const { signal } = abort;
  const fetching = () => client.fetch("http://a/", { signal, streamingCallback });
  assertEquals(await assertRejects(fetching), wrong);
  late.resolve();
  await new Promise((resolve) => setTimeout(resolve, 0));
  assertEquals(calls, 1);
});

Deno.test("timeout of a hanging callback keeps the process alive until it rings", async () => {
  const program = `
    import { AsyncHTTPClient } from ${JSON.stringify(new URL("../../mod.ts", import.meta.url))};
    const never = () => new Promise(() => {});
    const client = new AsyncHTTPClient({ cookieJar: { getCookieString: never, setCookie: never } });
    const error = await client.fetch("http://a/", { requestTimeout: 50 }).catch((error) => error);
    console.log(error.name);
  `;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", `${program}`],
    stderr: "null",
  }).output();
  assertEquals(new TextDecoder().decode(stdout).trim(), "HTTPTimeoutError");
});

Deno.test("jar that gives no text, or what cannot be sent, is an error", async () => {
  for (const cookies of [undefined, 7, null, "a=\u0001", "a=\r\nb: c"]) {
    const { client: options } = setup({
      client: { cookieJar: { ...jar, getCookieString: () => cookies }, maxClients: 1 },
    });
    using client = new AsyncHTTPClient({
      ...options,
      fetch: () => Promise.reject(new Error("sent")),
    });
    for (let time = 1; time <= 2; time++) {
      await assertRejects(() => client.fetch("http://a/"), TypeError);
    }
  }
});

Deno.test("jar that gives something else than text finds none of it in the error", async () => {
  const cookie = { toString: () => "sid=secret" };
  for (const cookies of [[cookie], cookie, Object.create(null)]) {
    const { client: options } = setup({
      client: { cookieJar: { ...jar, getCookieString: () => cookies } },
    });
    using client = new AsyncHTTPClient({
      ...options,
      fetch: () => Promise.reject(new Error("sent")),
    });
    const error = await assertRejects(() => client.fetch("http://a/"), TypeError);
    assertEquals(
      error.message.replace(/ an .*/, " …"),
      "Cannot send the cookies of the jar: getCookieString() gave …",
    );
  }
});

Deno.test("jar gets the cookies of the answer to a challenge, too", async () => {
  const kept: string[] = [];
  let answers = 0;
  using client = new AsyncHTTPClient({
    cookieJar: { getCookieString: () => "", setCookie: (cookie) => void kept.push(cookie) },
    fetch: () => {
      const headers = new Headers({ "set-cookie": `n=${++answers}` });
      if (answers === 1) headers.set("www-authenticate", 'Digest realm="r", nonce="n"');
      return Promise.resolve(new Response(null, { status: answers === 1 ? 401 : 200, headers }));
    },
  });
  await client.fetch("http://a/", { authMode: "digest", authUsername: "me" });
  assertEquals(kept, ["n=1", "n=2"]);
});

Deno.test("producer that does not await its writes sends them all, in order", async () => {
  const bodies: string[] = [];
  using client = new AsyncHTTPClient({
    fetch: async (_, init) => {
      bodies.push(await new Response(init.body ?? null).text());
      return new Response();
    },
  });
  const bodyProducer = (write: (chunk: string) => Promise<void>) => {
    for (let i = 0; i < 5; i++) write(String(i));
  };
  await client.fetch("http://a/", { method: "POST", bodyProducer });
  assertEquals(bodies, ["01234"]);
});

Deno.test("producer that writes after it has returned is told so, in the log too", async () => {
  using records = captureLogs();
  using client = new AsyncHTTPClient({
    fetch: async (_, init) => new Response(await new Response(init.body ?? null).text()),
  });
  let writeLate: (chunk: string) => Promise<void> = () => Promise.resolve();
  const response = await client.fetch("http://a/", {
    method: "POST",
    bodyProducer: (write) => {
      writeLate = write;
      return write("in time");
    },
  });
  assertEquals(response.text(), "in time");
  // Nobody looks at this one.
  void writeLate("late");
  await expectLog(records, "warning", /producer has returned; await every write/);
  await assertRejects(() => writeLate("late"), Error, "await every write()");
  await expectLog(records, "warning", /producer has returned/);
});

Deno.test("producer that writes after it has failed is told what it failed with", async () => {
  using records = captureLogs();
  using client = new AsyncHTTPClient({
    fetch: async (_, init) => new Response(await new Response(init.body ?? null).text()),
  });
  let writeLate: (chunk: string) => Promise<void> = () => Promise.resolve();
  const bodyProducer = (write: (chunk: string) => Promise<void>) => {
    writeLate = write;
    throw wrong;
  };
  const fetching = () => client.fetch("http://a/", { method: "POST", bodyProducer });
  assertEquals(await assertRejects(fetching), wrong);
  assertEquals(await assertRejects(() => writeLate("late")), wrong);
  assertEquals(records.all.length, 0);
});

Deno.test("producer that is not needed any more is told so at its next write", async () => {
  const over = Promise.withResolvers<unknown>();
  await using server = hostileServer(({ send }) =>
    send("HTTP/1.1 413 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
  );
  using client = new AsyncHTTPClient();
  const bodyProducer = async (write: (chunk: Uint8Array) => Promise<void>) => {
    try {
      for (;;) await write(new Uint8Array(65_536));
    } catch (error) {
      over.resolve(error);
    }
  };
  await assertRejects(() => client.fetch(server.origin, { method: "POST", bodyProducer }));
  assert(await over.promise instanceof Error);
});

Deno.test("piece of a body that is neither text nor bytes is an error that says so", async () => {
  await using server = halfAnswer();
  using client = new AsyncHTTPClient({ maxClients: 1 });
  const { options } = setup({
    options: { ...upload, bodyProducer: (write: (chunk: unknown) => unknown) => write(7) },
  });
  const fetching = () => client.fetch(server.origin, options);
  await assertRejects(fetching, TypeError, "Cannot send number as a piece of a body");
});

Deno.test("iterable of a body that fails when it is given up is logged", async () => {
  using records = captureLogs();
  await using server = hostileServer((connection) => connection.gone().then(() => {}));
  using client = new AsyncHTTPClient();
  const body = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise<IteratorResult<string>>(() => {}),
      return: () => Promise.reject(wrong),
    }),
  };
  const fetching = () => client.fetch(server.origin, { method: "POST", body, requestTimeout: 100 });
  await assertRejects(fetching, HTTPTimeoutError);
  await expectLog(records, "error", /nobody needs any more/);
});
