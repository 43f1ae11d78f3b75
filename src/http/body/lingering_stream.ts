/**
 * A request body that is not cancelled while its answer is on its way: when it is given up, it is read
 * on and thrown away for a moment, and only then cancelled.
 *
 * Cancelled at once, it would bind Deno to read the rest of it before the connection can go on: for as
 * long as the client likes to send, and a server that shuts down would wait for that too. A body that
 * is still being read makes Deno close the connection behind the answer and lets a shutdown go ahead.
 * The moment is what a client needs to see the answer rather than a connection that was reset while
 * it was sending.
 *
 * @param stream The body of a request that came over a socket.
 * @param options `lingerMs` is how long it is read on, in milliseconds.
 */
export function lingeringStream(
  stream: ReadableStream<Uint8Array>,
  { lingerMs }: { lingerMs: number },
): ReadableStream<Uint8Array> {
  const reader = stream.getReader();
  return new ReadableStream<Uint8Array>({
    async pull(controller): Promise<void> {
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    // The promise is let go: whoever gave the body up has nothing to wait for.
    cancel(): void {
      drain(reader, lingerMs);
    },
  }, { highWaterMark: 0 });
}

async function drain(reader: ReadableStreamDefaultReader<Uint8Array>, ms: number): Promise<void> {
  const timer = setTimeout(() => reader.cancel().catch(() => {}), ms);
  try {
    while (!(await reader.read()).done);
  } catch {
    // The client has gone, or the server was shut down: that is the end of the body too.
  } finally {
    clearTimeout(timer);
  }
}
