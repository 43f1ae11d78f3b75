/** Keeps 16 connections busy with one request each: the stand-in for `wrk`. */
import type { HttpLoad } from "../load.ts";
import { Latency } from "./latency.ts";

const [port, seconds, load] = Deno.args;
const end = performance.now() + Number(seconds) * 1000;
const request = bytesOf(JSON.parse(load ?? "{}"));
const latency = new Latency();
let count = 0;

await Promise.all(Array.from({ length: 16 }, drive));
const [p50, p99] = [latency.percentile(0.5), latency.percentile(0.99)];
console.log(JSON.stringify({ count, p50, p99 }));

async function drive(): Promise<void> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
  connection.setNoDelay();
  const buffer = new Uint8Array(64 * 1024);
  while (performance.now() < end) {
    const start = performance.now();
    await connection.write(request);
    await readResponse(connection, buffer);
    latency.record(performance.now() - start);
    count++;
  }
}

async function readResponse(connection: Deno.Conn, buffer: Uint8Array): Promise<void> {
  let head = "";
  let left = -1;
  do {
    const read = await connection.read(buffer);
    if (read === null) throw new Error("The server closed the connection");
    if (left >= 0) {
      left -= read;
      continue;
    }
    head += new TextDecoder("latin1").decode(buffer.subarray(0, read));
    const body = head.indexOf("\r\n\r\n");
    if (body === -1) continue;
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
    left = length - (head.length - body - 4);
  } while (left !== 0);
}

function bytesOf({ path, method = "GET", headers = {}, body = "" }: HttpLoad): Uint8Array {
  const length = body === "" ? {} : { "Content-Length": String(body.length) };
  const fields = Object.entries({ Host: `127.0.0.1:${port}`, ...headers, ...length })
    .map(([name, value]) => `${name}: ${value}\r\n`);
  return new TextEncoder().encode(`${method} ${path} HTTP/1.1\r\n${fields.join("")}\r\n${body}`);
}
