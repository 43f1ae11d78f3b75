import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import {
  Application,
  AsyncHTTPClient,
  HTTPClientError,
  HTTPConnectError,
  type HTTPRequestOptions,
  RequestHandler,
  UnsupportedFeatureError,
} from "../../mod.ts";
import { connectionSettings, Transports } from "../../src/client/attempt/transports.ts";
import { requireConnectionPool } from "../../src/platform/connection_pool.ts";
import { Authority } from "../support/authority.ts";
import { serve } from "../support/serve.ts";
import { serviceTest, startNginx, startTinyproxy } from "../support/services.ts";
import { startSocksProxy } from "../support/socks_proxy.ts";

class Client extends RequestHandler {
  override get() {
    this.write({ ip: this.request.remoteIp, via: this.request.header("via") });
  }
}

const app = () => new Application([["/", Client]]);

Deno.test("client trusts an authority of its own, and nobody who is not signed by it", async () => {
  await using authority = await Authority.create();
  await using server = serve(app(), await authority.issue("IP:127.0.0.1"));
  using client = new AsyncHTTPClient();
  const caCerts = [await authority.cert];
  assertEquals((await client.fetch(server.origin, { caCerts })).code, 200);
  const untrusted = await assertRejects(() => client.fetch(server.origin), HTTPConnectError);
  assertMatch(untrusted.message, /certificate/);
});

Deno.test("client refuses a certificate for another name", async () => {
  await using authority = await Authority.create();
  await using server = serve(app(), await authority.issue("DNS:example.com"));
  using client = new AsyncHTTPClient();
  const caCerts = [await authority.cert];
  await assertRejects(
    () => client.fetch(server.origin, { caCerts }),
    HTTPConnectError,
    "certificate",
  );
});

Deno.test("client that speaks TLS to a server without it cannot connect", async () => {
  await using server = serve(app());
  using client = new AsyncHTTPClient();
  const url = server.origin.replace("http:", "https:");
  await assertRejects(() => client.fetch(url), HTTPConnectError);
});

serviceTest("nginx", "client shows its certificate, and to no other origin", async () => {
  await using authority = await Authority.create();
  const site = await authority.issue("IP:127.0.0.1");
  await Deno.writeTextFile(authority.path("site.pem"), site.cert);
  await Deno.writeTextFile(authority.path("site.key"), site.key);
  const tls = `ssl_certificate ${authority.path("site.pem")};
    ssl_certificate_key ${authority.path("site.key")};
    ssl_client_certificate ${authority.path("ca.pem")};
    ssl_verify_client optional;`;
  await using other = await startNginx(`${tls} location / { return 200 $ssl_client_verify; }`, {
    ssl: true,
  });
  await using nginx = await startNginx(
    `${tls}
    location = / { return 200 $ssl_client_verify; }
    location = /here { return 302 /; }
    location = /away { return 302 https://127.0.0.1:${other.port}/; }`,
    { ssl: true },
  );
  const { cert: clientCert, key: clientKey } = await authority.issue("DNS:client");
  const trust = { caCerts: [await authority.cert] };
  using client = new AsyncHTTPClient({ defaults: trust });
  const ask = async (path: string, options = {}) =>
    (await client.fetch(`https://127.0.0.1:${nginx.port}${path}`, options)).text();
  assertEquals(await ask("/"), "NONE");
  assertEquals(await ask("/", { clientCert, clientKey }), "SUCCESS");
  assertEquals(await ask("/"), "NONE");
  assertEquals(await ask("/here", { clientCert, clientKey }), "SUCCESS");
  assertEquals(await ask("/away", { clientCert, clientKey }), "NONE");
});

serviceTest("tinyproxy", "client goes through a proxy, also by a tunnel", async () => {
  await using authority = await Authority.create();
  await using plain = serve(app());
  await using secure = serve(app(), await authority.issue("IP:127.0.0.1"));
  await using proxy = await startTinyproxy();
  using client = new AsyncHTTPClient({
    defaults: { proxyHost: "127.0.0.1", proxyPort: proxy.port, caCerts: [await authority.cert] },
  });
  const { via } = (await client.fetch(plain.origin)).json() as { via: string };
  assertMatch(via, /tinyproxy/);
  assertEquals((await client.fetch(secure.origin)).code, 200);
});

serviceTest("tinyproxy", "client tells the proxy who it is", async () => {
  await using server = serve(app());
  await using proxy = await startTinyproxy({ username: "me", password: "secret" });
  const through = { proxyHost: "127.0.0.1", proxyPort: proxy.port };
  using client = new AsyncHTTPClient({ defaults: through });
  const known = { proxyUsername: "me", proxyPassword: "secret" };
  assertEquals((await client.fetch(server.origin, known)).code, 200);
  // What was opened for one user is not there for the next.
  await assertRejects(() => client.fetch(server.origin), HTTPClientError, "407");
});

Deno.test("client goes through a SOCKS proxy", async () => {
  await using server = serve(app());
  await using proxy = startSocksProxy();
  using client = new AsyncHTTPClient();
  const options = { proxyScheme: "socks5", proxyHost: "127.0.0.1", proxyPort: proxy.port } as const;
  assertEquals((await client.fetch(server.origin, options)).code, 200);
  assertEquals(proxy.targets, [`127.0.0.1:${server.port}`]);
});

Deno.test("client that does not reach its proxy cannot connect", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const proxyPort = listener.addr.port;
  listener.close();
  using client = new AsyncHTTPClient();
  const fetching = () => client.fetch("http://127.0.0.1/", { proxyHost: "127.0.0.1", proxyPort });
  await assertRejects(fetching, HTTPConnectError);
});

Deno.test("client connects from the address, and to the socket, that it is told", async () => {
  await using server = serve(app());
  using client = new AsyncHTTPClient();
  const response = await client.fetch(server.origin, { networkInterface: "127.0.0.2" });
  assertEquals((response.json() as { ip: string }).ip, "127.0.0.2");
  const directory = await Deno.makeTempDir({ prefix: "gustnado-" });
  const path = `${directory}/http.sock`;
  const unix = app().listen(0, { path, handleSignals: false });
  assertEquals((await client.fetch("http://any.name/", { unixSocket: path })).code, 200);
  await unix.shutdown();
  await Deno.remove(directory, { recursive: true });
});

Deno.test("client keeps at most 32 kinds of connections", async () => {
  await using server = serve(app());
  using client = new AsyncHTTPClient();
  for (let i = 2; i < 50; i++) {
    const response = await client.fetch(server.origin, { networkInterface: `127.0.0.${i}` });
    assert(response.code === 200);
  }
});

/** Keeps the local addresses of connections that would be open, in place of opening any. */
function watchedConnections() {
  const create = Deno.createHttpClient;
  const open = new Set<string>();
  Deno.createHttpClient = (options) => {
    const address = String(options.localAddress);
    open.add(address);
    const close = () => void open.delete(address);
    return { close, [Symbol.dispose]: close };
  };
  return { open, [Symbol.dispose]: () => void (Deno.createHttpClient = create) };
}

Deno.test("connections of a fetch are in use no more when it is over, whatever became of it", async () => {
  using watched = watchedConnections();
  const answers: Readonly<Record<string, () => Promise<Response>>> = {
    "http://ok/": () => Promise.resolve(new Response("ok")),
    "http://moved/": () =>
      Promise.resolve(new Response(null, { status: 302, headers: { location: "http://ok/" } })),
    "http://broken/": () => Promise.reject(new Error("broken")),
    "http://silent/": () => new Promise(() => {}),
  };
  using client = new AsyncHTTPClient({ fetch: (url) => answers[url]?.() ?? Promise.reject() });
  const urls = Object.keys(answers);
  for (const [n, url] of urls.entries()) {
    const options = { networkInterface: `10.0.0.${n}`, requestTimeout: 20 };
    await client.fetch(url, options).catch(() => {});
  }
  for (let n = 0; n < 32; n++) {
    await client.fetch("http://ok/", { networkInterface: `10.0.1.${n}` });
  }
  const left = urls.filter((_, n) => watched.open.has(`10.0.0.${n}`));
  assertEquals([left, watched.open.size], [[], 32]);
  client.close();
  assertEquals(watched.open.size, 0);
});

Deno.test("connections that were idle longest are closed beyond 32 kinds, and none in use", () => {
  using watched = watchedConnections();
  const { open } = watched;
  const transports = new Transports();
  const take = (n: number) => transports.take({ networkInterface: `127.0.0.${n}` }, true);
  const [first, second] = [take(1), take(2)];
  second?.[Symbol.dispose]();
  for (let n = 3; n <= 32; n++) take(n)?.[Symbol.dispose]();
  assertEquals(open.size, 32);
  // To be used again counts as use.
  take(3)?.[Symbol.dispose]();
  for (const n of [33, 34]) take(n)?.[Symbol.dispose]();
  assertEquals([1, 2, 3, 4, 5].map((n) => open.has(`127.0.0.${n}`)), [
    true,
    false,
    true,
    false,
    true,
  ]);
  assertEquals(open.size, 32);
  first?.[Symbol.dispose]();
  take(35)?.[Symbol.dispose]();
  assertEquals([open.has("127.0.0.1"), open.size], [false, 32]);
  transports.close();
  assertEquals(open.size, 0);
  assertEquals(transports.take({}, true), null);
});

Deno.test("settings of connections are what was asked for, and nothing else", () => {
  const settings = (options: HTTPRequestOptions) => connectionSettings(options, true);
  assertEquals(settings({ requestTimeout: 1 }), null);
  const proxy = { proxyHost: "p", proxyPort: 1 };
  assertEquals(settings(proxy), { proxy: { url: "http://p:1" } });
  assertEquals(
    settings({ ...proxy, proxyHost: "::1", proxyScheme: "socks5", proxyUsername: "u" }),
    {
      proxy: { url: "socks5://[::1]:1", username: "u", password: "" },
    },
  );
  assertEquals(settings({ ...proxy, proxyHost: "[::1]" }), { proxy: { url: "http://[::1]:1" } });
  assertEquals(settings({ unixSocket: "/s", networkInterface: "127.0.0.2" }), {
    unixSocket: "/s",
    localAddress: "127.0.0.2",
  });
  const certificate = { clientCert: "c", clientKey: "k" };
  assertEquals(connectionSettings(certificate, false), null);
});

Deno.test("client uses a connection again, whatever the status", async () => {
  const ports = new Set<number>();
  const options = { hostname: "127.0.0.1", port: 0, onListen() {} };
  await using server = Deno.serve(options, (_, { remoteAddr }) => {
    ports.add((remoteAddr as Deno.NetAddr).port);
    return new Response("no", { status: 404 });
  });
  using client = new AsyncHTTPClient();
  for (let i = 0; i < 5; i++) {
    const url = `http://127.0.0.1:${server.addr.port}/`;
    await assertRejects(() => client.fetch(url), HTTPClientError, "HTTP 404");
  }
  assertEquals(ports.size, 1);
});

Deno.test("pairs of options have to be complete", async () => {
  using client = new AsyncHTTPClient();
  for (const options of [{ clientCert: "x" }, { clientKey: "x" }, { proxyHost: "p" }]) {
    await assertRejects(() => client.fetch("http://127.0.0.1/", options), TypeError);
  }
});

Deno.test("a runtime without connections of its own is named at construction", () => {
  const deno = globalThis.Deno;
  try {
    Reflect.deleteProperty(globalThis, "Deno");
    const make = () => new AsyncHTTPClient({ defaults: { proxyHost: "p", proxyPort: 1 } });
    assertThrows(make, UnsupportedFeatureError, "proxyHost");
    assertThrows(
      () => requireConnectionPool({ unixSocket: "/x" }),
      UnsupportedFeatureError,
      "unixSocket",
    );
    new AsyncHTTPClient().close();
    Object.defineProperty(globalThis, "document", { value: {}, configurable: true });
    const controls = () => new AsyncHTTPClient({ defaults: { maxRedirects: 1 } });
    assertThrows(controls, UnsupportedFeatureError, "maxRedirects");
  } finally {
    Reflect.deleteProperty(globalThis, "document");
    Object.defineProperty(globalThis, "Deno", {
      value: deno,
      configurable: true,
      enumerable: false,
      writable: true,
    });
  }
});
