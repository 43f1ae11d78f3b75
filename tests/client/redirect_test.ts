import { assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import {
  Application,
  AsyncHTTPClient,
  type CookieJar,
  type FetchOptions,
  HTTPClientError,
  HTTPProtocolError,
  RequestHandler,
} from "../../mod.ts";
import { followRedirect, type Hop } from "../../src/client/attempt/redirect.ts";
import { connectionSettings } from "../../src/client/attempt/transports.ts";
import { settle } from "../support/fake_clock.ts";
import { serve } from "../support/serve.ts";

const hop = (parts: Partial<Hop> = {}): Hop => ({
  url: "http://a/x?y",
  method: "GET",
  fields: new Headers({
    authorization: "secret",
    cookie: "c=1",
    "content-type": "text/x",
    "x-a": "1",
  }),
  sendsBody: true,
  isTrusted: true,
  ...parts,
});

Deno.test("redirect turns methods into GET as browsers do, and drops the body with them", () => {
  const becomes = (status: number, method: string) => {
    const next = followRedirect(hop({ method }), status, "/z");
    return `${next.method}${next.sendsBody ? " with body" : ""}`;
  };
  assertEquals([301, 302, 303, 307, 308].map((status) => becomes(status, "POST")), [
    "GET",
    "GET",
    "GET",
    "POST with body",
    "POST with body",
  ]);
  assertEquals([301, 303].map((status) => becomes(status, "PUT")), ["PUT with body", "GET"]);
  assertEquals(becomes(303, "HEAD"), "HEAD with body");
  const { fields } = followRedirect(hop({ method: "POST" }), 303, "/z");
  assertEquals([fields?.has("content-type"), fields?.get("x-a")], [false, "1"]);
});

Deno.test("redirect across origins leaves credentials behind for good", () => {
  const names = (next: Hop) => [...next.fields?.keys() ?? []];
  const kept = ["authorization", "content-type", "cookie", "x-a"];
  assertEquals(names(followRedirect(hop(), 302, "/z")), kept);
  for (const other of ["http://b/", "https://a/", "http://a:81/", "//b/"]) {
    const away = followRedirect(hop(), 302, other);
    assertEquals([names(away), away.isTrusted], [["content-type", "x-a"], false]);
    const back = followRedirect(away, 302, "http://a/");
    assertEquals([names(back), back.isTrusted], [["content-type", "x-a"], false]);
  }
});

Deno.test("redirect within the other origin brings no trust, nor does one after that", () => {
  const away = followRedirect(hop(), 302, "http://b/");
  const within = followRedirect(away, 302, "/echo");
  const further = followRedirect(within, 302, "/again");
  assertEquals([away, within, further].map(({ isTrusted }) => isTrusted), [false, false, false]);
});

Deno.test("redirect ignores credentials and fragment of the location", () => {
  assertEquals(followRedirect(hop(), 302, "http://u:p@a/z#top").url, "http://a/z");
});

Deno.test("redirect keeps the bytes of a location that is not ASCII", () => {
  assertEquals(followRedirect(hop(), 302, "/caf\u00c3\u00a9").url, "http://a/caf%c3%a9");
});

Deno.test("redirect of any location stays with HTTP or is a protocol error", () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.webUrl(), fc.string({ unit: "binary" })), (to) => {
    try {
      const { url } = followRedirect(hop(), 302, to);
      assertEquals(/^https?:\/\/[^@#]*$/.test(url) || /^https?:\/\/[^/]*\//.test(url), true);
    } catch (error) {
      if (!(error instanceof HTTPProtocolError)) throw error;
    }
  }));
});

class Hops extends RequestHandler {
  override get(left: string) {
    if (left === "0") this.write("arrived");
    else this.redirect(`/hops/${Number(left) - 1}`);
  }
}

class Moved extends RequestHandler {
  override post() {
    this.redirect(this.getQueryArgument("to"), { status: Number(this.getQueryArgument("status")) });
  }
  override get() {
    this.redirect(this.getQueryArgument("to"));
  }
}

class Echo extends RequestHandler {
  override get() {
    this.answer();
  }
  override post() {
    this.answer();
  }
  answer() {
    const { method, body } = this.request;
    this.write({
      method,
      body: new TextDecoder().decode(body),
      authorization: this.request.header("authorization"),
    });
  }
}

const app = () => new Application([["/hops/:n", Hops], ["/moved", Moved], ["/echo", Echo]]);

Deno.test("client follows five redirects, and so many as it is told", async () => {
  await using server = serve(app());
  using client = new AsyncHTTPClient({ maxClients: 1 });
  const response = await client.fetch(`${server.origin}/hops/5`);
  assertEquals([response.text(), response.effectiveUrl], ["arrived", `${server.origin}/hops/0`]);
  const sixth = () => client.fetch(`${server.origin}/hops/6`);
  const error = await assertRejects(sixth, HTTPClientError, "HTTP 302: Found");
  assertEquals(error.response?.effectiveUrl, `${server.origin}/hops/1`);
  assertEquals((await client.fetch(`${server.origin}/hops/6`, { maxRedirects: 6 })).code, 200);
  const options = { followRedirects: false, raiseError: false };
  const unfollowed = await client.fetch(`${server.origin}/hops/1`, options);
  assertEquals([unfollowed.code, unfollowed.headers.get("location")], [302, "/hops/0"]);
});

Deno.test("client sends the body again after 307, and not after 302", async () => {
  await using server = serve(app());
  using client = new AsyncHTTPClient();
  const post = async (status: number, body: string | ReadableStream<Uint8Array>) => {
    const url = `${server.origin}/moved?to=/echo&status=${status}`;
    return (await client.fetch(url, { method: "POST", body })).json();
  };
  assertEquals(await post(302, "b"), { method: "GET", body: "", authorization: null });
  assertEquals(await post(307, "b"), { method: "POST", body: "b", authorization: null });
  const stream = new Blob(["b"]).stream();
  await assertRejects(() => post(307, stream), HTTPClientError, "use bodyProducer");
});

Deno.test("client sends a produced body again after 307", async () => {
  await using server = serve(app());
  using client = new AsyncHTTPClient();
  const response = await client.fetch(`${server.origin}/moved?to=/echo&status=307`, {
    method: "POST",
    bodyProducer: (write) => write("again"),
  });
  assertEquals(response.json(), { method: "POST", body: "again", authorization: null });
});

Deno.test("client tells its password to no other origin", async () => {
  await using first = serve(app());
  await using second = serve(app());
  using client = new AsyncHTTPClient({ maxClientsPerHost: 1, maxClients: 1 });
  const options = { authUsername: "me", authPassword: "secret" };
  const ask = async (to: string) =>
    (await client.fetch(`${first.origin}/moved?to=${encodeURIComponent(to)}`, options)).json();
  const basic = `Basic ${btoa("me:secret")}`;
  assertEquals(await ask("/echo"), { method: "GET", body: "", authorization: basic });
  const other = await ask(`${second.origin}/echo`);
  assertEquals(other, { method: "GET", body: "", authorization: null });
});

/** What each server was told of who asks, on the way a → b → b/echo. */
async function tellsOnTheWay(options: FetchOptions, cookieJar?: CookieJar) {
  const told: string[] = [];
  const locations: Readonly<Record<string, string>> = {
    "http://a/": "http://b/",
    "http://b/": "/echo",
  };
  using client = new AsyncHTTPClient({
    ...cookieJar !== undefined && { cookieJar },
    fetch: (url, init) => {
      const fields = new Headers(init.headers);
      told.push(`${fields.get("authorization")} ${fields.get("cookie")}`);
      const location = locations[url];
      const headers = new Headers({ "www-authenticate": 'Digest realm="r", nonce="n"' });
      if (location !== undefined) headers.set("location", location);
      const status = location === undefined ? 401 : 302;
      return Promise.resolve(new Response(null, { status, headers }));
    },
  });
  await client.fetch(options.authMode === "digest" ? "http://a/" : "http://u:p@a/", {
    raiseError: false,
    ...options,
  });
  return told;
}

Deno.test("client tells its password to nobody on a way a, b, b/echo, in whatever form it has it", async () => {
  const basic = `Basic ${btoa("u:p")}`;
  const options = { authUsername: "u", authPassword: "p" };
  assertEquals(await tellsOnTheWay({}), [`${basic} null`, "null null", "null null"]);
  assertEquals(await tellsOnTheWay(options), [`${basic} null`, "null null", "null null"]);
  const headers = { authorization: "Own token", cookie: "own=1" };
  assertEquals(await tellsOnTheWay({ headers, authMode: "digest" }), [
    "Own token own=1",
    "null null",
    "null null",
  ]);
  const digest = await tellsOnTheWay({ ...options, authMode: "digest" });
  assertEquals(digest, ["null null", "null null", "null null"]);
  const jar = { getCookieString: (url: string) => `of=${new URL(url).host}`, setCookie() {} };
  assertEquals(await tellsOnTheWay(options, jar), [
    `${basic} of=a`,
    "null of=b",
    "null of=b",
  ]);
});

Deno.test("client shows its certificate to nobody on a way a, b, b/echo", () => {
  const own = { clientCert: "cert", clientKey: "key", caCerts: ["ca"] };
  const [away, within] = [followRedirect(hop(), 302, "http://b/"), "/echo"];
  for (const { isTrusted } of [away, followRedirect(away, 302, within)]) {
    assertEquals(connectionSettings(own, isTrusted), { caCerts: ["ca"] });
  }
  assertEquals(connectionSettings(own, true), { caCerts: ["ca"], cert: "cert", key: "key" });
});

Deno.test("client that gives up waiting for another host has no place twice", async () => {
  const never = Promise.withResolvers<Response>();
  using client = new AsyncHTTPClient({
    maxClients: 2,
    maxClientsPerHost: 1,
    fetch: (url) =>
      url.startsWith("http://busy/") ? never.promise : Promise.resolve(
        new Response(null, { status: 302, headers: { location: "http://busy/" } }),
      ),
  });
  const busy = client.fetch("http://busy/", { requestTimeout: 0 });
  const waiting = () => client.fetch("http://a/", { requestTimeout: 20 });
  await assertRejects(waiting, HTTPClientError, "Timeout in the request queue");
  await assertRejects(waiting, HTTPClientError, "Timeout in the request queue");
  never.resolve(new Response("free"));
  assertEquals((await busy).text(), "free");
});

Deno.test("client that is led to another host has its place there, and gives it back", async () => {
  const gates = Array.from({ length: 3 }, () => Promise.withResolvers<Response>());
  let sent = 0;
  using client = new AsyncHTTPClient({
    maxClientsPerHost: 1,
    fetch: (url) => {
      const gate = gates[sent];
      if (url !== "http://busy/" || gate === undefined) {
        const headers = { location: "http://busy/" };
        return Promise.resolve(new Response(null, { status: 302, headers }));
      }
      sent++;
      return gate.promise;
    },
  });
  const fetching = ["http://a/", "http://b/", "http://busy/"].map((url) => client.fetch(url));
  for (const [turn, gate] of gates.entries()) {
    while (sent <= turn) await Promise.resolve();
    await settle();
    assertEquals(sent, turn + 1);
    gate.resolve(new Response(`turn ${turn}`));
  }
  const texts = (await Promise.all(fetching)).map((response) => response.text());
  assertEquals(texts.sort(), ["turn 0", "turn 1", "turn 2"]);
});
