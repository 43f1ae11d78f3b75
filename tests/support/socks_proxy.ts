/** A proxy of the SOCKS protocol 5 (RFC 1928), for one connection after the other. */
export interface SocksProxy extends AsyncDisposable {
  /** The TCP port on 127.0.0.1. */
  readonly port: number;
  /** What was asked for, such as `127.0.0.1:8080`. */
  readonly targets: readonly string[];
}

/** Starts the proxy, to be bound with `await using`. It asks nobody for a password. */
export function startSocksProxy(): SocksProxy {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const targets: string[] = [];
  const open = new Set<Deno.TcpConn>();
  const running: Promise<unknown>[] = [];
  const serve = async (client: Deno.TcpConn) => {
    open.add(client);
    await read(client, 3);
    await client.write(new Uint8Array([5, 0]));
    const { hostname, port } = await readTarget(client);
    targets.push(`${hostname}:${port}`);
    const server = await Deno.connect({ hostname, port });
    open.add(server);
    await client.write(new Uint8Array([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
    const there = client.readable.pipeTo(server.writable);
    await Promise.allSettled([there, server.readable.pipeTo(client.writable)]);
  };
  const accepting = (async () => {
    for await (const client of listener) running.push(serve(client).catch(() => {}));
  })();
  return {
    port: listener.addr.port,
    targets,
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const connection of open) close(connection);
      await accepting;
      await Promise.all(running);
    },
  };
}

async function readTarget(client: Deno.TcpConn): Promise<{ hostname: string; port: number }> {
  const [, , , type] = await read(client, 4);
  const length = type === 3 ? (await read(client, 1))[0] ?? 0 : 4;
  const address = await read(client, length);
  const hostname = type === 3 ? new TextDecoder().decode(address) : address.join(".");
  const [high = 0, low = 0] = await read(client, 2);
  return { hostname, port: high * 256 + low };
}

async function read(connection: Deno.TcpConn, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let had = 0; had < length;) {
    const more = await connection.read(bytes.subarray(had));
    if (more === null) throw new Error("The client has left");
    had += more;
  }
  return bytes;
}

function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // A stream over it has closed it before.
  }
}
