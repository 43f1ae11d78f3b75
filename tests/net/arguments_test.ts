/** What streams, clients and servers say to arguments and options that make no sense. */
import { assert, assertEquals, assertInstanceOf, assertStringIncludes } from "@std/assert";
import {
  bindSockets,
  bindUnixSocket,
  IOStream,
  TCPClient,
  TCPServer,
  type TCPServerOptions,
} from "@gustnado/gustnado";
import { ScriptedConnection } from "../support/scripted_connection.ts";

/** What a JavaScript caller can pass, which TypeScript would not let through. */
// deno-lint-ignore no-explicit-any
type Anything = any;

type Row = readonly [call: (value: Anything) => unknown, value: Anything, error: string];

const client = new TCPClient();
const stream = (options?: Anything): IOStream => new IOStream(new ScriptedConnection(), options);

/** Everything that makes a stream takes these limits, and must refuse them before it connects. */
const limits = (make: (options: Anything) => unknown): readonly Row[] => [
  ...[0, -1, NaN, 1.5, Infinity, 2 ** 40, "64", null].map((chunkSize): Row => [
    make,
    { chunkSize },
    `as the option "chunkSize": expected a whole number from 1 to 1,073,741,824 bytes`,
  ]),
  ...[0, -1, NaN, 1.5, "64", null].flatMap((size): Row[] => [
    [
      make,
      { maxBufferSize: size },
      'as the option "maxBufferSize": expected a whole number from 1',
    ],
    [make, { maxWriteBufferSize: size }, 'as the option "maxWriteBufferSize": expected a whole'],
  ]),
  [make, { max_buffer_size: 1 }, 'Unknown option "max_buffer_size": it is spelled "maxBufferSize"'],
  [make, 5, "TypeError: Cannot read any option from 5"],
];

const reads = (read: (options: Anything) => unknown): readonly Row[] => [
  [read, { timeout: NaN }, "RangeError: Cannot use timeout NaN"],
  [
    read,
    { timeout: "5s" },
    'TypeError: Cannot use timeout "5s": it must be a number of ' +
    "milliseconds, not string; write 5000",
  ],
  [read, { signal: 1 }, "expected an AbortSignal"],
  [read, { deadline: 1 }, 'Unknown option "deadline"'],
  [read, 1_000, "TypeError: Cannot read any option from 1000"],
];

const SECRET = "-----BEGIN PRIVATE KEY-----";

const TABLE: Readonly<Record<string, readonly Row[]>> = {
  "stream constructor": limits(stream),
  "client": limits((options) => client.connect("127.0.0.1", 9, options)),
  "client on a Unix socket": limits((options) => client.connectUnix("/no/such.sock", options)),
  "server": limits((options) => new TCPServer(options)),
  "stream readBytes": [
    ...reads((options) => stream().readBytes(1, options)),
    [(partial) => stream().readBytes(1, { partial }), 1, "expected a boolean"],
    [(count) => stream().readBytes(count), "5", 'TypeError: Cannot read with count "5"'],
    [(count) => stream().readBytes(count), NaN, "RangeError: Cannot read with count NaN"],
    [(count) => stream().readBytes(count), Infinity, "RangeError: Cannot read with count Infinity"],
    [
      (count) => stream().readBytes(count),
      undefined,
      "TypeError: Cannot read with count undefined",
    ],
  ],
  "stream readInto": [
    ...reads((options) => stream().readInto(new Uint8Array(1), options)),
    [
      (target) => stream().readInto(target),
      [1, 2],
      "Cannot read into an array: it must be a Uint8Array",
    ],
    [(target) => stream().readInto(target), undefined, "Cannot read into undefined"],
  ],
  "stream readUntil": [
    ...reads((options) => stream().readUntil("x", options)),
    [
      (delimiter) => stream().readUntil(delimiter),
      10,
      "Cannot read until 10: it must be a Uint8Array",
    ],
    [
      (delimiter) => stream().readUntil(delimiter),
      /x/,
      "Cannot read until an object of class RegExp",
    ],
    [
      (maxBytes) => stream().readUntil("x", { maxBytes }),
      "9",
      'TypeError: Cannot read with maxBytes "9"',
    ],
    [
      (maxBytes) => stream().readUntil("x", { maxBytes }),
      -1,
      "RangeError: Cannot read with maxBytes -1",
    ],
  ],
  "stream readUntilRegex": [
    ...reads((options) => stream().readUntilRegex(/x/, options)),
    [
      (pattern) => stream().readUntilRegex(pattern),
      "x",
      'Cannot read until "x": it must be a RegExp',
    ],
    [(maxBytes) => stream().readUntilRegex(/x/, { maxBytes }), 1.5, "RangeError: Cannot read with"],
  ],
  "stream readUntilClose": reads((options) => stream().readUntilClose(options)),
  "stream write": [
    [
      (data) => stream().write(data),
      5,
      "TypeError: Cannot write 5: it must be a Uint8Array or a string",
    ],
    [(data) => stream().write(data), undefined, "Cannot write undefined"],
    [(data) => stream().write(data), [1, 2], "Cannot write an array"],
    [
      (data) => stream().write(data),
      new ArrayBuffer(1),
      "Cannot write an object of class ArrayBuffer",
    ],
  ],
  "stream's other calls": [
    [(callback) => stream().setCloseCallback(callback), undefined, "Cannot set the close callback"],
    [
      (options) => stream().startTls("x", options),
      { caCerts: "PEM" },
      "expected an array of strings",
    ],
    [
      (options) => stream().startTls("x", options),
      { serverName: "x" },
      'Unknown option "serverName"',
    ],
  ],
  "client's address": [
    ...[0, -1, 65_536, 1.5, NaN].map((port): Row => [
      (port) => client.connect("127.0.0.1", port),
      port,
      `RangeError: Cannot connect to 127.0.0.1 on port ${port}: it must be a whole number, from 1`,
    ]),
    [
      (port) => client.connect("127.0.0.1", port),
      "80",
      'TypeError: Cannot connect to 127.0.0.1 on port "80"',
    ],
    [(host) => client.connect(host, 80), undefined, "Cannot connect to the host undefined"],
    [(host) => client.connect(host, 80), "", 'Cannot connect to the host ""'],
    [
      (path) => client.connectUnix(path),
      undefined,
      "Cannot connect to undefined: it must be the path",
    ],
  ],
  "client's TLS": [
    [(tls) => client.connect("127.0.0.1", 9, { tls }), "yes", "expected a boolean or an object"],
    [(tls) => client.connect("127.0.0.1", 9, { tls }), { ca: [] }, 'Unknown option of tls "ca"'],
    [
      (tls) => client.connect("127.0.0.1", 9, { tls }),
      { caCerts: [1] },
      "expected an array of strings",
    ],
  ],
  "server's address": [
    ...[-1, 65_536, 1.5, NaN].map((port): Row => [
      (port) => new TCPServer().listen(port),
      port,
      `RangeError: Cannot listen on port ${port}: it must be a whole number, from 0 to 65535`,
    ]),
    [(port) => new TCPServer().listen(port), "8888", 'TypeError: Cannot listen on port "8888"'],
    [
      (options) => new TCPServer().listen(0, options),
      { address: "::" },
      'Unknown option "address"',
    ],
    [(options) => bindSockets(0, options), { hostname: 1 }, "expected a string"],
    [(options) => bindSockets(0, options), { backlog: -1 }, "expected a whole number from 0"],
    [(path) => bindUnixSocket(path), undefined, "Cannot listen on undefined: it must be the path"],
    [(options) => bindUnixSocket("/no/such.sock", options), { mode: "600" }, 'Cannot use "600" as'],
    [(options) => bindUnixSocket("/no/such.sock", options), { mode: 0o1777 }, "from 0 to 0o777"],
  ],
  "server's TLS": [
    [(tls) => new TCPServer({ tls }), { cert: "PEM" }, "expected an object of cert and key"],
    [(tls) => new TCPServer({ tls }), { cert: 1, key: SECRET }, 'as the option "cert"'],
    [(tls) => new TCPServer({ tls }), { cert: "PEM", key: [SECRET] }, "Cannot use the value given"],
    [(tls) => new TCPServer({ tls }), SECRET, "Cannot use the value given"],
    [(tls) => bindSockets(0, { tls }), { cert: "PEM", keyFile: SECRET }, "of cert and key"],
  ],
};

for (const [name, rows] of Object.entries(TABLE)) {
  Deno.test(`${name} refuses arguments that make no sense and says why`, async (test) => {
    for (const [index, [call, value, expected]] of rows.entries()) {
      await test.step(`${index}: ${expected}`, async () => {
        const error = await failureOf(() => call(value));
        assertInstanceOf(error, Error);
        assertStringIncludes(String(error), expected);
        assert(!String(error).includes(SECRET));
      });
    }
  });
}

Deno.test("stream without limits reads up to a delimiter and to the end", async () => {
  const connection = new ScriptedConnection();
  using unlimited = new IOStream(connection, {
    maxBufferSize: Infinity,
    maxWriteBufferSize: Infinity,
    chunkSize: undefined,
  });
  const line = unlimited.readUntil("\n", { maxBytes: undefined, timeout: undefined });
  await connection.arrive("line\nrest");
  assertEquals((await line).length, 5);
  const rest = unlimited.readUntilClose();
  await connection.end();
  assertEquals((await rest).length, 4);
});

Deno.test("server takes undefined for options that are not given", async () => {
  const options: TCPServerOptions = { maxBufferSize: undefined, chunkSize: undefined };
  await using server = new TCPServer(options);
  server.listen(0, { hostname: "127.0.0.1", backlog: undefined });
  assert(server.port > 0);
});

/** What a call throws or its promise is rejected with. */
async function failureOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  return undefined;
}
