/**
 * An echo of 1 GiB over loopback, by `IOStream` and by bare `Deno.Conn` with the same chunk size, for
 * the same bare client.
 *
 * `deno run -A tests/bench/iostream_echo.ts [MiB] [rounds]`. The kinds alternate and the best rounds
 * count, in CPU time of the process, which holds both ends.
 */
import process from "node:process";
import { IOStream, StreamClosedError } from "@gustnado/gustnado";

const CHUNK_SIZE = 64 * 1_024;

type Echo = (connection: Deno.Conn) => Promise<void>;

async function echoBare(connection: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(CHUNK_SIZE);
  for (let count = await connection.read(buffer); count !== null;) {
    await writeAll(connection, buffer.subarray(0, count));
    count = await connection.read(buffer);
  }
  connection.close();
}

async function exchange(connection: Deno.Conn, chunks: number): Promise<void> {
  const sending = (async () => {
    const chunk = new Uint8Array(CHUNK_SIZE);
    for (let sent = 0; sent < chunks; sent++) await writeAll(connection, chunk);
    await connection.closeWrite();
  })();
  const buffer = new Uint8Array(CHUNK_SIZE);
  let received = 0;
  for (let count = await connection.read(buffer); count !== null;) {
    received += count;
    count = await connection.read(buffer);
  }
  await sending;
  connection.close();
  checkAll(received, chunks);
}

async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  while (bytes.length > 0) bytes = bytes.subarray(await connection.write(bytes));
}

async function echoReadInto(connection: Deno.Conn): Promise<void> {
  using stream = new IOStream(connection, { chunkSize: CHUNK_SIZE });
  const target = new Uint8Array(CHUNK_SIZE);
  await untilClosed(async () => {
    await stream.write(target.subarray(0, await stream.readInto(target, { partial: true })));
  });
}

async function echoReadBytes(connection: Deno.Conn): Promise<void> {
  using stream = new IOStream(connection, { chunkSize: CHUNK_SIZE });
  await untilClosed(async () => {
    await stream.write(await stream.readBytes(CHUNK_SIZE, { partial: true }));
  });
}

async function untilClosed(step: () => Promise<void>): Promise<void> {
  try {
    while (true) await step();
  } catch (error) {
    if (!(error instanceof StreamClosedError)) throw error;
  }
}

function checkAll(received: number, chunks: number): void {
  if (received !== chunks * CHUNK_SIZE) throw new Error(`Lost bytes: ${received} came back`);
}

async function time(echo: Echo, chunks: number): Promise<number> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = listener.accept().then(echo);
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
  const start = process.cpuUsage();
  await exchange(connection, chunks);
  await serving;
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1_000;
}

const mebibytes = Number(Deno.args[0] ?? 1_024);
const rounds = Number(Deno.args[1] ?? 5);
const chunks = mebibytes * 2 ** 20 / CHUNK_SIZE;
const best = new Map<Echo, number>();
for (let round = 0; round < rounds; round++) {
  for (const echo of [echoBare, echoReadInto, echoReadBytes]) {
    best.set(echo, Math.min(best.get(echo) ?? Infinity, await time(echo, chunks)));
  }
}
const bare = best.get(echoBare) ?? NaN;
for (const [echo, ms] of best) {
  const speed = (mebibytes / ms * 1_000).toFixed(0);
  console.log(`${echo.name}: ${speed} MiB per CPU second, ${(bare / ms).toFixed(2)} of bare`);
}
