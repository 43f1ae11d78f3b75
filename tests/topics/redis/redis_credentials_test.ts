import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { Authority } from "../../support/authority.ts";
import { freePort } from "../../support/child_server.ts";
import { captureLogs } from "../../support/log_records.ts";
import { expectLosses, redisCommands, RedisPeer } from "../../support/redis_peer.ts";
import { RedisServer } from "../../support/redis_server.ts";
import { serviceTest } from "../../support/services.ts";
import { RedisBroker } from "../../../src/topics/redis/redis_broker.ts";
import type { RedisBrokerOptions } from "../../../src/topics/redis/redis_broker_options.ts";

const SECRET = "correct horse/battery:staple@%";
const FAST = { connectTimeout: 300, reconnectDelay: 5, maxReconnectDelay: 20 } as const;

function test(rule: string, fn: (texts: () => string) => Promise<void>): void {
  serviceTest("redis-server", `Redis broker ${rule}`, async () => {
    using records = captureLogs();
    await fn(() => records.all.map(({ message }) => message).join("\n"));
    await expectLosses(records);
  });
}

async function assertWorks(options: RedisBrokerOptions): Promise<void> {
  await using peer = await RedisPeer.open(options);
  assertEquals(peer.broker.status.state, "connected");
  await peer.log.follow("news");
  await peer.log.append("news", "t");
  await peer.until(() => peer.records("news").length === 1);
}

test("logs in by password, in the URL or beside it, and by user", async () => {
  await using server = await RedisServer.start({ args: ["--requirepass", SECRET] });
  const { port } = server;
  const user = ["ACL", "SETUSER", "ann", "on", `>${SECRET}`, "allkeys", "allchannels", "+@all"];
  const encoded = encodeURIComponent(SECRET);
  await redisCommands(`redis://:${encoded}@127.0.0.1:${port}`, user);
  await assertWorks({ url: `redis://:${encoded}@127.0.0.1:${port}/1` });
  await assertWorks({ url: `redis://ann:${encoded}@127.0.0.1:${port}` });
  await assertWorks({ port, password: SECRET, prefix: "other:", database: 2 });
  await assertWorks({ url: server.url, username: "ann", password: SECRET });
});

for (const [name, password] of [["none", undefined], ["the wrong one", SECRET]] as const) {
  test(`goes on trying where a password is needed and it has ${name}`, async (texts) => {
    await using server = await RedisServer.start({ args: ["--requirepass", "another"] });
    const begun = performance.now();
    const credentials = password === undefined ? {} : { password };
    await using peer = await RedisPeer.open({ port: server.port, ...credentials, ...FAST });
    assert(performance.now() - begun >= 290);
    const { state, lastError } = peer.broker.status;
    assertEquals(state, "connecting");
    assertMatch(String(lastError), /NOAUTH|WRONGPASS/);
    const waiting = peer.log.append("news", "t");
    const admin = `redis://:another@127.0.0.1:${server.port}`;
    await redisCommands(admin, ["CONFIG", "SET", "requirepass", password ?? ""]);
    await waiting;
    await peer.until(() => peer.broker.status.state === "connected");
    assertEquals(texts().includes(SECRET), false);
    assertEquals(JSON.stringify(peer.broker.status).includes(SECRET), false);
  });
}

test("works for a user who may not ask what server it is", async () => {
  await using server = await RedisServer.start();
  const user = ["ACL", "SETUSER", "ann", "on", ">secret", "~gustnado:*", "&gustnado:*", "-@all"];
  const commands = [
    "+@fast",
    "+@write",
    "+@read",
    "+@pubsub",
    "+@scripting",
    "-info",
    "-@dangerous",
  ];
  await redisCommands(server.url, [...user, ...commands]);
  await assertWorks({ port: server.port, username: "ann", password: "secret" });
});

test("says so where a user may not listen", async () => {
  await using server = await RedisServer.start();
  const user = ["ACL", "SETUSER", "ann", "on", ">secret", "allkeys", "resetchannels", "+@all"];
  await redisCommands(server.url, user);
  const login = { username: "ann", password: "secret" };
  await using peer = await RedisPeer.open({ port: server.port, ...login, ...FAST });
  assertEquals(peer.broker.status.state, "connecting");
  assertMatch(String(peer.broker.status.lastError), /NOPERM/);
});

test("speaks TLS, and trusts whom it is told to", async () => {
  await using authority = await Authority.create();
  const { cert, key } = await authority.issue("IP:127.0.0.1,DNS:localhost");
  const directory = await Deno.makeTempDir({ prefix: "gustnado-" });
  await Deno.writeTextFile(`${directory}/cert.pem`, cert);
  await Deno.writeTextFile(`${directory}/key.pem`, key);
  const tlsPort = freePort();
  const ca = await authority.cert;
  const args = ["--tls-port", `${tlsPort}`, "--tls-auth-clients", "no", "--tls-cert-file"];
  args.push(`${directory}/cert.pem`, "--tls-key-file", `${directory}/key.pem`);
  args.push("--tls-ca-cert-file", authority.path("ca.pem"));
  {
    await using _server = await RedisServer.start({ args });
    await assertWorks({ url: `rediss://127.0.0.1:${tlsPort}`, tls: { ca } });
    await assertWorks({ host: "localhost", port: tlsPort, tls: { ca } });
    await assertWorks({ host: "localhost", port: tlsPort, tls: { rejectUnauthorized: false } });
    for (const tls of [true, { ca: [], servername: "example.org" }]) {
      await using peer = await RedisPeer.open({ port: tlsPort, tls, ...FAST });
      assertEquals(peer.broker.status.state, "connecting");
      assertMatch(String(peer.broker.status.lastError), /certificate|UnknownIssuer|issuer/i);
    }
  }
  await Deno.remove(directory, { recursive: true });
});

Deno.test("Redis broker quotes no secret where its options are wrong", () => {
  const wrong: [object, RegExp][] = [
    [
      { url: `http://ann:${SECRET}@host` },
      /the value given as the .*"url": expected a URL such as/,
    ],
    [{ url: `redis://ann:${SECRET}@host:x` }, /"url"/],
    [{ url: `redis://ann:secret@host/words` }, /"url"/],
    [{ url: "redis://" }, /"url"/],
    [{ url: 6379 }, /"url"/],
    [{ password: 17 }, /the value given as the .*"password": expected a string/],
    [{ url: "redis://ann:secret@host", host: "other" }, /both "url" and "host" or "port"/],
    [{ tls: "yes" }, /"tls": expected a boolean/],
    [{ port: 0 }, /Cannot use 0 as the .*"port"/],
    [{ prefix: "a{b}" }, /"prefix": expected a string without braces/],
    [{ database: -1 }, /"database"/],
    [{ publishTimeout: 0 }, /"publishTimeout"/],
    [{ maxQueued: 0 }, /"maxQueued"/],
    [{ pasword: "secret" }, /Unknown option of a Redis broker "pasword"/],
  ];
  for (const [options, pattern] of wrong) {
    const error = assertThrows(() => new RedisBroker(options), TypeError);
    assertMatch(error.message, pattern);
    assertEquals(/secret|correct horse/.test(error.message), false);
  }
});
