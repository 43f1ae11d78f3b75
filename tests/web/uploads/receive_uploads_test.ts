import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { Application } from "../../../src/web/application.ts";
import { RequestHandler } from "../../../src/web/request_handler.ts";
import { receiveUploads } from "../../../src/web/uploads/receive_uploads.ts";
import type { UploadOptions } from "../../../src/web/uploads/upload_options.ts";
import { captureLogs, expectLog } from "../../support/log_records.ts";
import { poll } from "../../support/poll.ts";
import { RawSocket } from "../../support/raw_socket.ts";
import { bothWays, serve } from "../../support/serve.ts";

/** A directory for one test. */
async function temporaryDirectory(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.makeTempDir();
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

const namesIn = (path: string) => [...Deno.readDirSync(path)].map(({ name }) => name);

/** An application that receives by the options that a test sets. */
function application(options: () => UploadOptions, settings: object = {}): Application {
  class Upload extends RequestHandler {
    static override readonly streamRequestBody = true;
    override async post() {
      const { fields, files } = await receiveUploads(this, options());
      this.write({
        fields,
        files: files.map(({ path, ...file }) => ({
          ...file,
          content: path === null ? null : Deno.readTextFileSync(path),
        })),
      });
    }
  }
  return new Application([["/", Upload]], settings);
}

/** A part of a form as it is sent. */
const part = (disposition: string, content: string) =>
  `--b\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n${content}\r\n`;
const FIELD = (name: string, content = "x") => part(`name="${name}"`, content);
const FILE = (name: string, content: string) =>
  part(`name="${name}"; filename="${name}.bin"`, content);
const END = "--b--\r\n";
const post = (body: BodyInit): RequestInit => ({
  method: "POST",
  body,
  headers: { "content-type": "multipart/form-data; boundary=b" },
});

let directory = "";
Deno.test.beforeEach(async () => {
  directory = await Deno.makeTempDir();
});
Deno.test.afterEach(() => Deno.remove(directory, { recursive: true }));

const received = (options: UploadOptions = {}, settings = {}) => () =>
  application(() => ({ directory, ...options }), settings);

bothWays("uploads are written to files with names of their own", received(), async (fetch) => {
  const body = new FormData();
  body.set("title", "\u00fcber");
  body.append("film", new File(["x".repeat(300_000)], "../../etc/passwd", { type: "video/mp4" }));
  body.append("film", new File([""], "empty", { type: "" }));
  const response = await fetch("/", { method: "POST", body });
  assertEquals(await response.json(), {
    fields: { title: ["\u00fcber"] },
    files: [
      {
        name: "film",
        filename: "../../etc/passwd",
        contentType: "video/mp4",
        size: 300_000,
        content: "x".repeat(300_000),
      },
      {
        name: "film",
        filename: "empty",
        contentType: "application/octet-stream",
        size: 0,
        content: "",
      },
    ],
  });
  for (const name of namesIn(directory)) {
    assertEquals(/^[\da-f-]{36}$/.test(name), true, name);
    assertEquals((Deno.statSync(`${directory}/${name}`).mode ?? 0) & 0o777, 0o600);
  }
});

Deno.test("uploads are the same, however the body is cut", async () => {
  const body = new TextEncoder().encode(
    FIELD("a", "1\r\n--c") + FILE("f", "\r\n--\r\n-b\r") + FIELD("a", "\u00e9") + END,
  );
  const app = received()();
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: body.length }), { maxLength: 8 }), async (cuts) => {
      const edges = [0, ...cuts.sort((a, b) => a - b), body.length];
      const stream = ReadableStream.from(
        edges.slice(1).map((end, index) => body.slice(edges[index], end)).filter((c) => c.length),
      );
      const response = await app.fetch(new Request("http://localhost/", post(stream)));
      const { fields, files } = await response.json();
      assertEquals(fields, { a: ["1\r\n--c", "\u00e9"] });
      assertEquals(files[0].content, "\r\n--\r\n-b\r");
    }),
    { numRuns: 30 },
  );
});

for (
  const [what, options, body, status, message] of [
    [
      "a file",
      { maxFileSize: 10 },
      FILE("a", "x".repeat(10)) + FILE("b", "x".repeat(11)) + END,
      413,
      /The file "b.bin" is larger than 10 bytes/,
    ],
    [
      "the body",
      { maxTotalSize: 100 },
      FILE("a", "x".repeat(200)) + END,
      413,
      /larger than 100 bytes/,
    ],
    ["the files", { maxFiles: 1 }, FILE("a", "x") + FILE("b", "x") + END, 400, /more than 1 files/],
    [
      "the fields",
      { maxFieldsSize: 10 },
      FILE("f", "x") + FIELD("a", "x".repeat(6)) + FIELD("b", "x".repeat(6)) + END,
      413,
      /fields of the form are larger than 10 bytes/,
    ],
    ["the end", {}, FILE("a", "x"), 400, /final boundary is missing/],
    ["the start", {}, "nonsense", 400, /does not start with the boundary/],
    ["a head", {}, FILE("a", "x") + "--b\r\nnonsense\r\n\r\n" + END, 400, /is not a header/],
    [
      "text",
      {},
      FILE("f", "x") + part("name=\"a\"; filename*=UTF-8''%00", "x") + END,
      400,
      /Invalid multipart/,
    ],
  ] as const
) {
  bothWays(
    `uploads that break ${what} are refused, and nothing stays`,
    received(options),
    async (fetch) => {
      using records = captureLogs();
      const response = await fetch("/", post(body));
      assertEquals(response.status, status);
      await response.body?.cancel();
      await expectLog(records, "warning", message);
      assertEquals(namesIn(directory), []);
    },
  );
}

bothWays(
  "uploads keep to the settings of forms",
  received({}, { maxArguments: 1, maxMultipartParts: 3, maxMultipartHeaderBytes: 100 }),
  async (fetch) => {
    using records = captureLogs();
    for (
      const [body, message] of [
        [FIELD("a") + FIELD("b") + END, /more than 1 fields/],
        [FILE("a", "x").repeat(4) + END, /more than 3 parts/],
        [FILE("a".repeat(100), "x") + END, /larger than 100 bytes/],
      ] as const
    ) {
      assertEquals((await fetch("/", post(body))).status, 400);
      await expectLog(records, "warning", message);
    }
    assertEquals(namesIn(directory), []);
  },
);

bothWays("uploads that are no form are 400", received(), async (fetch) => {
  using records = captureLogs();
  for (const type of ["application/json", "multipart/form-data", "multipart/mixed; boundary=b"]) {
    const response = await fetch("/", { ...post("{}"), headers: { "content-type": type } });
    assertEquals(response.status, 400);
    await expectLog(records, "warning", /Invalid multipart/);
  }
});

Deno.test("what a client has sent that leaves in the middle is removed", async () => {
  await using server = serve(received()());
  using socket = await RawSocket.connect(server.port);
  await socket.write(
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\n" +
      `Content-Length: 1000000\r\n\r\n${FILE("a", "x")}${FILE("b", "x".repeat(1000)).slice(0, -9)}`,
  );
  assert(await poll(() => namesIn(directory).length === 2));
  socket.close();
  assert(await poll(() => namesIn(directory).length === 0));
});

Deno.test("progress tells what has come, and what is due", async () => {
  const seen: [number, number | null][] = [];
  await using server = serve(
    application(() => ({ directory, onProgress: (...progress) => void seen.push(progress) })),
  );
  const body = FILE("a", "x".repeat(500_000)) + END;
  await (await fetch(server.origin, post(body))).body?.cancel();
  assert(seen.length > 1, `${seen.length} calls`);
  assertEquals(seen.at(-1), [body.length, body.length]);
  assertEquals(seen.every(([received], index) => received > (seen[index - 1]?.[0] ?? 0)), true);
  seen.length = 0;
  const stream = ReadableStream.from([new TextEncoder().encode(body)]);
  await (await fetch(server.origin, post(stream))).body?.cancel();
  assertEquals(seen.at(-1), [body.length, null]);
});

Deno.test("a rejection of onProgress is logged, an exception fails the upload", async () => {
  using records = captureLogs();
  let onProgress: UploadOptions["onProgress"] = () =>
    Promise.reject(new RangeError("too windy")) as unknown as void;
  const app = application(() => ({ directory, onProgress: (...args) => onProgress?.(...args) }));
  const send = () => app.fetch(new Request("http://localhost/", post(FILE("a", "x") + END)));
  assertEquals((await send()).status, 200);
  await expectLog(records, "error", /too windy/);
  const before = namesIn(directory).length;
  onProgress = () => {
    throw new RangeError("too calm");
  };
  assertEquals((await send()).status, 500);
  await expectLog(records, "error", /too calm/);
  assertEquals(namesIn(directory).length, before);
});

Deno.test("a directory that is not there is named, with the way out", async () => {
  using records = captureLogs();
  for (const missing of [`${directory}/nowhere`, `${Deno.execPath()}/under-a-file`]) {
    const app = application(() => ({ directory: missing }));
    const response = await app.fetch(new Request("http://localhost/", post(FILE("a", "x") + END)));
    assertEquals(response.status, 500);
    await response.body?.cancel();
    await expectLog(records, "error", /Cannot write an upload into "[^"]*": .*make it first/);
  }
});

/** What became of a sink. */
class Recorder {
  readonly events: string[] = [];
  fail: Error | null = null;

  readonly sink: UploadOptions["sink"] = ({ filename }) => ({
    path: `store:${filename}`,
    writable: new WritableStream<Uint8Array>({
      write: (chunk) => {
        if (this.fail !== null) throw this.fail;
        this.events.push(`${filename} ${chunk.length}`);
      },
      close: () => void this.events.push(`${filename} closed`),
      abort: () => void this.events.push(`${filename} aborted`),
    }),
    discard: () => void this.events.push(`${filename} discarded`),
  });
}

Deno.test("a sink of one's own is closed, and names where the file is", async () => {
  const recorder = new Recorder();
  const seen: unknown[] = [];
  class Upload extends RequestHandler {
    static override readonly streamRequestBody = true;
    override async post() {
      const { files } = await receiveUploads(this, { sink: recorder.sink ?? undefined as never });
      seen.push(...files.map(({ path, size }) => [path, size]));
    }
  }
  const app = new Application([["/", Upload]]);
  await app.fetch(new Request("http://localhost/", post(FILE("a", "xy") + FILE("b", "") + END)));
  assertEquals(recorder.events, ["a.bin 2", "a.bin closed", "b.bin closed"]);
  assertEquals(seen, [["store:a.bin", 2], ["store:b.bin", 0]]);
});

Deno.test("a form that fails aborts the sink at work, and discards all of them", async () => {
  using records = captureLogs();
  const recorder = new Recorder();
  const app = application(() => ({ sink: recorder.sink, maxFileSize: 2 } as UploadOptions));
  const body = FILE("a", "xy") + FILE("b", "xyz") + END;
  const response = await app.fetch(new Request("http://localhost/", post(body)));
  assertEquals(response.status, 413);
  await expectLog(records, "warning", /larger than 2 bytes/);
  assertEquals(recorder.events, [
    "a.bin 2",
    "a.bin closed",
    "b.bin aborted",
    "a.bin discarded",
    "b.bin discarded",
  ]);
});

for (const code of ["ENOSPC", "EDQUOT"]) {
  Deno.test(`a sink that throws ${code} is answered with 507`, async () => {
    using records = captureLogs();
    const recorder = new Recorder();
    recorder.fail = new Error("write failed", {
      cause: Object.assign(new Error("disk full"), { code }),
    });
    const app = application(() => ({ sink: recorder.sink } as UploadOptions));
    const response = await app.fetch(new Request("http://localhost/", post(FILE("a", "xy") + END)));
    assertEquals(response.status, 507);
    assertStringIncludes(await response.text(), "507");
    await expectLog(records, "warning", /no space left/);
    assertEquals(recorder.events, ["a.bin discarded"]);
  });
}

Deno.test("a sink that fails otherwise, or is none, is a 500", async () => {
  using records = captureLogs();
  for (
    const [sink, message] of [
      [
        () => ({
          writable: new WritableStream({ write: () => Promise.reject(new Error("no store")) }),
        }),
        /no store/,
      ],
      [() => Promise.reject(new Error("no bucket")), /no bucket/],
      [() => undefined, /expected an object with a WritableStream/],
      [() => new WritableStream(), /expected an object with a WritableStream/],
    ] as const
  ) {
    const app = application(() => ({ sink } as unknown as UploadOptions));
    const response = await app.fetch(new Request("http://localhost/", post(FILE("a", "xy") + END)));
    assertEquals(response.status, 500);
    await expectLog(records, "error", message);
  }
});

Deno.test("what cannot be discarded is logged, and the rest is", async () => {
  using records = captureLogs();
  const recorder = new Recorder();
  const app = application(() => ({
    maxFiles: 2,
    sink: async (file) => {
      const sink = await recorder.sink?.(file);
      if (file.name === "a") {
        return {
          writable: new WritableStream(),
          discard: () => Promise.reject(new Error("stuck")),
        };
      }
      return sink ?? { writable: new WritableStream() };
    },
  }));
  const body = FILE("a", "x") + FILE("b", "x") + FILE("c", "x") + END;
  const response = await app.fetch(new Request("http://localhost/", post(body)));
  assertEquals(response.status, 400);
  await expectLog(records, "error", /stuck/);
  await expectLog(records, "warning", /more than 2 files/);
  assertEquals(recorder.events.at(-1), "b.bin discarded");
});

Deno.test("a slow sink slows the client down: little of the body is held", async () => {
  const gate = Promise.withResolvers<void>();
  const app = application(() => ({
    sink: () => ({ writable: new WritableStream({ write: () => gate.promise }) }),
  }));
  await using server = serve(app);
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent === 0) controller.enqueue(new TextEncoder().encode(FILE("a", "").slice(0, -2)));
      sent += 65_536;
      if (sent > 64 * 1024 * 1024) {
        controller.enqueue(new TextEncoder().encode(`\r\n${END}`));
        return controller.close();
      }
      controller.enqueue(new Uint8Array(65_536));
    },
  }, { highWaterMark: 0 });
  const sending = fetch(server.origin, post(body));
  let before = -1;
  assert(
    await poll(() => {
      const stands = sent > 0 && sent === before;
      before = sent;
      return stands;
    }),
  );
  assert(sent < 32 * 1024 * 1024, `${sent} bytes were taken`);
  gate.resolve();
  assertEquals((await (await sending).json()).files[0].size, 64 * 1024 * 1024);
});

Deno.test("a handler that does not stream its body is told so", async () => {
  using records = captureLogs();
  class Held extends RequestHandler {
    override async post() {
      await receiveUploads(this, { directory });
    }
  }
  const app = new Application([["/", Held]]);
  const response = await app.fetch(new Request("http://localhost/", post(FILE("a", "x") + END)));
  assertEquals(response.status, 500);
  await expectLog(
    records,
    "error",
    /Held: its body is held already; write static override readonly/,
  );
});

for (
  const options of [
    {},
    { directory: "a", sink: () => {} },
    { directory: "" },
    { directory: 1 },
    { directory: "a", maxFileSize: -1 },
    { directory: "a", maxFiles: "2" },
    { directory: "a", maxSize: 1 },
  ]
) {
  Deno.test(`receiveUploads refuses ${JSON.stringify(options)}`, async () => {
    const handler = {} as RequestHandler;
    const error = await assertRejects(
      () => receiveUploads(handler, options as UploadOptions),
      Error,
    );
    assert(error instanceof TypeError || error instanceof RangeError, String(error));
    assertStringIncludes(error.message, "receiveUploads()");
  });
}

/** Mounts a file system that is full after 64 KiB; `null` where that needs more rights. */
async function smallDisk(): Promise<AsyncDisposable & { readonly path: string } | null> {
  const path = await Deno.makeTempDir();
  const mount = (command: string, ...args: string[]) =>
    new Deno.Command(command, { args, stderr: "null" }).output().catch(() => ({ success: false }));
  const { success } = await mount("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", path);
  if (!success) {
    await Deno.remove(path);
    return null;
  }
  return {
    path,
    async [Symbol.asyncDispose]() {
      await mount("umount", path);
      await Deno.remove(path);
    },
  };
}

const disk = await smallDisk();
await disk?.[Symbol.asyncDispose]();

Deno.test({
  name: "a disk that is full is answered with 507, and has its space back" +
    (disk === null ? " (needs the right to mount)" : ""),
  // The sinks above throw what such a disk throws.
  ignore: disk === null,
  async fn() {
    await using disk = await smallDisk();
    assert(disk !== null);
    using records = captureLogs();
    await using server = serve(application(() => ({ directory: disk.path })));
    const response = await fetch(
      server.origin,
      post(FILE("a", "x".repeat(10_000)) + FILE("b", "x".repeat(500_000)) + END),
    );
    assertEquals(response.status, 507);
    await response.body?.cancel();
    await expectLog(records, "warning", /no space left/);
    assertEquals(namesIn(disk.path), []);
    const fits = await fetch(server.origin, post(FILE("a", "x".repeat(10_000)) + END));
    assertEquals((await fits.json()).files[0].size, 10_000);
  },
});

Deno.test("a directory that is not there is a 500 that names it", async () => {
  using records = captureLogs();
  await using parent = await temporaryDirectory();
  const app = application(() => ({ directory: `${parent.path}/none/` }));
  const response = await app.fetch(new Request("http://localhost/", post(FILE("a", "x") + END)));
  assertEquals(response.status, 500);
  await expectLog(records, "error", /none\//);
});
