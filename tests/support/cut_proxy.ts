/**
 * A TCP proxy that breaks what goes through it.
 *
 * @module
 */

/** Listens on 127.0.0.1 and passes everything on to another port there. */
export class CutProxy implements AsyncDisposable {
  /** Where it listens. */
  readonly port: number;
  /** Connections that it has accepted. */
  accepted = 0;
  #target: number;
  readonly #listener: Deno.TcpListener;
  readonly #pairs = new Set<Pair>();
  readonly #done: Promise<void>;
  #frozen = false;
  #isDown = false;
  #budget = Infinity;

  /** @param target The port on 127.0.0.1 that it passes on to. */
  constructor(target: number) {
    this.#target = target;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.port = this.#listener.addr.port;
    this.#done = this.#accept();
  }

  /** Passes connections that are made from now on to another port. */
  pointTo(target: number): void {
    this.#target = target;
  }

  /** Cuts all connections. */
  cut(): void {
    for (const pair of this.#pairs) pair.close();
  }

  /** Cuts, and lets nobody through until {@linkcode up}. */
  down(): void {
    this.#isDown = true;
    this.cut();
  }

  /** Lets everybody through again. */
  up(): void {
    this.#isDown = false;
  }

  /** Cuts a connection in the middle of the answers, when so many bytes of them have come through it. */
  cutAfter(bytes: number): void {
    this.#budget = bytes;
  }

  /** Keeps the connections, and lets nothing through, until `thaw`. */
  freeze(): void {
    this.#frozen = true;
  }

  /** Ends it for connections that are made from now on; the others are cut. */
  thaw(): void {
    this.#frozen = false;
    this.cut();
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.cut();
    await this.#done;
  }

  async #accept(): Promise<void> {
    const serving: Promise<void>[] = [];
    for await (const client of this.#listener) {
      this.accepted++;
      if (this.#isDown) client.close();
      else serving.push(this.#serve(client));
    }
    await Promise.all(serving);
  }

  async #serve(client: Deno.TcpConn): Promise<void> {
    let server: Deno.TcpConn;
    try {
      server = await Deno.connect({ hostname: "127.0.0.1", port: this.#target });
    } catch {
      return client.close();
    }
    const pair = new Pair(client, server);
    this.#pairs.add(pair);
    await Promise.all([
      this.#pass(client, server, pair, Infinity),
      this.#pass(server, client, pair, this.#budget),
    ]);
    this.#pairs.delete(pair);
  }

  async #pass(from: Deno.TcpConn, to: Deno.TcpConn, pair: Pair, budget: number): Promise<void> {
    const buffer = new Uint8Array(16_384);
    try {
      for (let count = await from.read(buffer); count !== null; count = await from.read(buffer)) {
        if (this.#frozen) continue;
        await writeAll(to, buffer.subarray(0, Math.min(count, budget)));
        if ((budget -= count) <= 0) break;
      }
    } catch {
      // The other direction, or a cut, has closed it.
    }
    pair.close();
  }
}

class Pair {
  readonly #connections: readonly Deno.TcpConn[];

  constructor(...connections: readonly Deno.TcpConn[]) {
    this.#connections = connections;
  }

  close(): void {
    for (const connection of this.#connections) {
      try {
        connection.close();
      } catch {
        // It is closed already.
      }
    }
  }
}

async function writeAll(to: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += await to.write(bytes.subarray(done));
}
