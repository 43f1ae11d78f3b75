/**
 * Keeps WebSockets busy, or just open. It speaks the protocol by hand on raw connections, so that it
 * costs less than what it measures.
 *
 * It opens the connections, writes a line, and waits for a byte or the end of its input. `echo`, `fanout`:
 * see `SocketLoad`; then it puts load on, and writes a report. `idle` holds the connections until then,
 * and writes how many were lost meanwhile.
 */
import { Latency } from "./latency.ts";

/** A mask as clients send it, which leaves no byte as it is (RFC 6455 §5.3). */
const MASK = [0x37, 0xfa, 0x21, 0x3d];

const [mode, port, path, connections, seconds, size, depth] = Deno.args;
const count = Number(connections);
const frameSize = serverFrameSize(Number(size ?? 0));
// Of a thousand large ones the first reading alone would take longer than a short run.
const bufferSize = mode === "echo" ? 256 * 1024 : 16 * 1024;
const message = clientFrame(Number(size ?? 0));
const latency = new Latency();
const repeated = new Map<number, Uint8Array>();
let received = 0;

const sockets = await openAll();
let lost = 0;
if (mode === "idle") { for (const socket of sockets) ended(socket).then(() => lost++); }
console.log(JSON.stringify({ open: sockets.length }));
await Deno.stdin.read(new Uint8Array(1));
if (mode === "idle") console.log(JSON.stringify({ lost }));
else {
  await load();
  const [p50, p99] = [latency.percentile(0.5), latency.percentile(0.99)];
  console.log(JSON.stringify({ count: received, p50, p99 }));
}
Deno.exit(0);

/** Settles when the server has closed the connection; a ping is no end. */
async function ended(socket: Deno.TcpConn): Promise<void> {
  const frame = new Uint8Array(16);
  try {
    while (await socket.read(frame) !== null);
  } catch {
    // Reset.
  }
}

async function openAll(): Promise<Deno.TcpConn[]> {
  const opened: Deno.TcpConn[] = [];
  while (opened.length < count) {
    const batch = Math.min(100, count - opened.length);
    opened.push(...await Promise.all(Array.from({ length: batch }, open)));
  }
  return opened;
}

async function open(): Promise<Deno.TcpConn> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
  connection.setNoDelay();
  const host = `127.0.0.1:${port}`;
  await connection.write(
    new TextEncoder().encode(
      `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Origin: http://${host}\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n` +
        "Sec-WebSocket-Version: 13\r\n\r\n",
    ),
  );
  const byte = new Uint8Array(1);
  let head = "";
  while (!head.endsWith("\r\n\r\n")) {
    if (await connection.read(byte) === null) throw new Error(`Handshake cut off: ${head}`);
    head += String.fromCharCode(byte[0] ?? 0);
  }
  if (!head.startsWith("HTTP/1.1 101")) throw new Error(`Handshake refused: ${head}`);
  return connection;
}

async function load(): Promise<void> {
  const burst = repeat(message, Number(depth));
  const senders = mode === "echo" ? sockets : sockets.slice(0, 1);
  const end = performance.now() + Number(seconds) * 1000;
  const stop = setTimeout(
    () => sockets.forEach((socket) => socket.close()),
    Number(seconds) * 1000,
  );
  const listening = sockets.map((socket) => drive(socket, senders.includes(socket), end));
  await Promise.all(senders.map((socket) => writeAll(socket, burst)));
  await Promise.all(listening);
  clearTimeout(stop);
}

/** Counts whole frames, all of one size; a sender sends one more for each that comes back. */
async function drive(socket: Deno.TcpConn, sender: boolean, end: number): Promise<void> {
  const buffer = new Uint8Array(bufferSize);
  let pending = 0;
  let sentAt = performance.now();
  while (true) {
    const read = await socket.read(buffer).catch(() => null);
    const now = performance.now();
    if (read === null || now > end) return;
    pending += read;
    const whole = Math.floor(pending / frameSize);
    pending -= whole * frameSize;
    received += whole;
    if (!sender || whole === 0) continue;
    latency.record(now - sentAt);
    sentAt = now;
    await writeAll(socket, repeat(message, whole));
  }
}

/** Writes all of it, unless the time is over and the connection closed. */
async function writeAll(socket: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const count = await socket.write(bytes.subarray(written)).catch(() => bytes.length);
    written += count;
  }
}

function repeat(bytes: Uint8Array, times: number): Uint8Array {
  let all = repeated.get(times);
  if (all === undefined) {
    all = new Uint8Array(bytes.length * times);
    for (let i = 0; i < times; i++) all.set(bytes, i * bytes.length);
    repeated.set(times, all);
  }
  return all;
}

function serverFrameSize(payload: number): number {
  return payload + (payload < 126 ? 2 : payload < 65536 ? 4 : 10);
}

/** A masked text frame (RFC 6455 §5.2). */
function clientFrame(payload: number): Uint8Array {
  const head = payload < 126
    ? [0x81, 0x80 | payload]
    : payload < 65536
    ? [0x81, 0xfe, payload >> 8, payload & 255]
    : [
      0x81,
      0xff,
      0,
      0,
      0,
      0,
      payload >>> 24,
      payload >> 16 & 255,
      payload >> 8 & 255,
      payload & 255,
    ];
  const masked = Uint8Array.from({ length: payload }, (_, i) => 0x61 ^ (MASK[i & 3] ?? 0));
  return new Uint8Array([...head, ...MASK, ...masked]);
}
