/**
 * Subscribers of a topic that cost a third of what WebSocket clients do: they share two processors with
 * the server that is measured. Frames are not taken apart, only the load's own numbers are looked for.
 *
 * A program for Node, whose sockets are the cheapest to read. The loads are its argument, in JSON. It
 * prints a line when all are subscribed, publishes when it gets one, and prints what became of it.
 */
import { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";
import process from "node:process";
import type { TopicLoad, TopicReport } from "./topic_load.ts";
import { Arrivals, Deliveries } from "../../src/load/deliveries.ts";

/** Sockets that connect at the same time. */
const CONNECTING = 50;
/** Milliseconds that what is late gets at the end. */
const SETTLE = 10_000;
const LOOK_EVERY = 20;

/** Opens the sockets of a load. Gives what publishes to them. */
async function subscribe(load: TopicLoad): Promise<() => Promise<TopicReport>> {
  const { topic, port, publishTo, sockets } = load;
  const deliveries = new Deliveries();
  const publisher = await converse(publishTo, [{ type: "hello" }], "welcome", () => {});
  const sender = new Sender((id, data) => {
    publisher.write(textFrame(JSON.stringify({ type: "publish", id, topic, data })));
  });
  let left = sockets;
  const lane = async () => {
    while (left-- > 0) {
      const hear = hearing(sender, new Arrivals(deliveries));
      const subscription = { type: "subscribe", id: 1, topic };
      await converse(port, [{ type: "hello" }, subscription], "subscribed", hear);
    }
  };
  await Promise.all(Array.from({ length: CONNECTING }, lane));
  return () => publish(load, sender, deliveries);
}

/** Numbers what it sends, and remembers when that was. */
class Sender {
  /** What stands before its numbers in a text. */
  readonly mark = `load${crypto.randomUUID()}`;
  readonly #publish: (number: number, text: string) => void;
  readonly #sentAt: number[] = [];

  constructor(publish: (number: number, text: string) => void) {
    this.#publish = publish;
  }

  get last(): number {
    return this.#sentAt.length;
  }

  send(): void {
    const number = this.#sentAt.push(performance.now());
    this.#publish(number, `${this.mark}.${number}.`);
  }

  ageOf(number: number): number {
    return performance.now() - (this.#sentAt[number - 1] ?? NaN);
  }
}

/** Counts what is in a text; what may be the beginning of more is kept. */
function hearing(sender: Sender, arrivals: Arrivals): (text: string) => void {
  const begin = `${sender.mark}.`;
  let kept = "";
  return (piece) => {
    const text = kept + piece;
    let rest = 0;
    for (let at = text.indexOf(begin); at !== -1; at = text.indexOf(begin, rest)) {
      const end = text.indexOf(".", at + begin.length);
      rest = end === -1 ? at : end;
      if (end === -1) break;
      const number = Number(text.slice(at + begin.length, end));
      arrivals.add(number, sender.ageOf(number));
    }
    kept = text.slice(Math.max(rest, text.length - 2 * begin.length));
  };
}

async function publish(
  { rate, seconds, sockets }: TopicLoad,
  sender: Sender,
  deliveries: Deliveries,
): Promise<TopicReport> {
  const began = performance.now();
  while (sender.last < rate * seconds) {
    sender.send();
    await pause(began + sender.last / rate * 1000 - performance.now());
  }
  const expected = sender.last * sockets;
  const end = performance.now() + SETTLE;
  while (deliveries.delivered < expected && performance.now() < end) await pause(LOOK_EVERY);
  const { delivered, doubles, outOfOrder, latencies } = deliveries;
  const { p50, p99, max } = latencies.summary();
  return { published: sender.last, expected, delivered, doubles, outOfOrder, p50, p99, max };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}

/** Connects, says something, and waits for a line of a type; `hear` gets what comes after it. */
function converse(
  port: number,
  lines: readonly object[],
  type: string,
  hear: (text: string) => void,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const greeting = textFrame(lines.map((line) => JSON.stringify(line)).join("\n"));
    const steps = [
      { until: "\r\n\r\n", then: () => void socket.write(greeting) },
      { until: `"type":"${type}"`, then: () => resolve(socket) },
    ];
    let answer = "";
    const take = (text: string) => {
      const [step] = steps;
      if (step === undefined) return hear(text);
      answer += text;
      if (!answer.includes(step.until)) return;
      answer = "";
      steps.shift();
      step.then();
    };
    const buffer = Buffer.alloc(2_048);
    const callback = (length: number) => {
      take(buffer.toString("latin1", 0, length));
      return true;
    };
    const onread = { buffer, callback };
    const socket = connect({ port, host: "127.0.0.1", onread }, () => socket.write(HANDSHAKE));
    socket.setNoDelay(true);
    socket.on("error", reject);
  });
}

/** Any key will do: who answers is known. */
const HANDSHAKE = [
  "GET / HTTP/1.1",
  "Host: localhost",
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Protocol: gustnado.v1.json",
  "",
  "",
].join("\r\n");

/** A frame of less than 64 KiB, masked with zeros. */
function textFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const { length } = payload;
  const head = length < 126 ? [0x81, 0x80 | length] : [0x81, 0xfe, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([...head, 0, 0, 0, 0]), payload]);
}

const loads: readonly TopicLoad[] = JSON.parse(process.argv[2] ?? "[]");
const begins = await Promise.all(loads.map(subscribe));
console.log("ready");
await new Promise((resolve) => process.stdin.once("data", resolve));
console.log(JSON.stringify(await Promise.all(begins.map((begin) => begin()))));
process.exit();
