/** The body of a request, as it comes. */
import type { IncomingMessage } from "node:http";

const CODING = "transfer-encoding";
const LENGTH = "content-length";

/**
 * Whether a request has a body: the end of one that has none is there with its head. Node would make a
 * record of all fields to give one of them, which most requests do without.
 */
export function hasBody({ rawHeaders }: IncomingMessage): boolean {
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? "";
    if (name.length === CODING.length && name.toLowerCase() === CODING) return true;
    if (name.length !== LENGTH.length || name.toLowerCase() !== LENGTH) continue;
    if (Number(rawHeaders[i + 1]) > 0) return true;
  }
  return false;
}

/** Whether some of the body is still on its way. */
export function isArriving(incoming: IncomingMessage): boolean {
  return !incoming.complete && hasBody(incoming);
}

/** Whether nobody reads what is still on its way. */
export function isUnread(incoming: IncomingMessage): boolean {
  return isArriving(incoming) && incoming.listenerCount("data") === 0 &&
    incoming.listenerCount("readable") === 0;
}

/** Nothing more is read while a piece waits to be taken. */
export function bodyOf(incoming: IncomingMessage): ReadableStream<Uint8Array<ArrayBuffer>> {
  let over = false;
  let take: (piece: Uint8Array<ArrayBuffer>) => void;
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      incoming.on(
        "data",
        take = (piece) => {
          if (over) return;
          controller.enqueue(new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength));
          if ((controller.desiredSize ?? 0) <= 0) incoming.pause();
        },
      );
      incoming.pause();
      incoming.once("end", () => {
        if (!over) controller.close();
        over = true;
      });
      const leave = () => {
        if (!over) controller.error(leftError());
        over = true;
      };
      incoming.once("close", leave);
      if (incoming.destroyed) leave();
    },
    pull: () => void incoming.resume(),
    cancel() {
      over = true;
      incoming.off("data", take);
      incoming.pause();
    },
  }, { highWaterMark: 0 });
}

type Read = ReadableStreamReadResult<Uint8Array<ArrayBuffer>>;
type Reader = Pick<ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>, "read" | "cancel">;

/** Reads a body without a stream of the web's, which would take longer than a short body does. */
export function readerOf(incoming: IncomingMessage): Reader {
  let waiting: PromiseWithResolvers<Read> | undefined;
  const look = () => {
    if (waiting === undefined) return;
    const found = next(incoming);
    if (found === undefined) return;
    waiting.resolve(found);
    waiting = undefined;
  };
  const leave = () => {
    waiting?.reject(leftError());
    waiting = undefined;
  };
  incoming.on("readable", look);
  incoming.once("end", look);
  incoming.once("close", leave);
  return {
    async read() {
      const found = next(incoming);
      if (found !== undefined) return found;
      if (incoming.destroyed) throw leftError();
      waiting = Promise.withResolvers<Read>();
      return await waiting.promise;
    },
    cancel() {
      incoming.off("readable", look);
      incoming.pause();
      waiting?.resolve(END);
      waiting = undefined;
      return Promise.resolve();
    },
  };
}

const END: Read = { done: true };

function next(incoming: IncomingMessage): Read | undefined {
  const piece: Uint8Array<ArrayBuffer> | null = incoming.read();
  if (piece !== null) {
    return {
      done: false,
      value: new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength),
    };
  }
  return incoming.complete && incoming.readableLength === 0 ? END : undefined;
}

function leftError(): Error {
  return new Error("The client left before its request was complete");
}
