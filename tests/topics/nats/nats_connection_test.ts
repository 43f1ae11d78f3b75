import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { nkeys } from "@nats-io/transport-node";
import { BrokerError } from "../../../src/topics/broker/broker_error.ts";
import { NatsBroker, natsBroker, type NatsOptions } from "../../../src/topics/nats/mod.ts";
import type { NatsTLSOptions } from "../../../src/topics/nats/mod.ts";
import { Authority } from "../../support/authority.ts";
import { BrokerPeer } from "../../support/broker_peer.ts";
import { freePort } from "../../support/child_server.ts";
import { captureLogs, expectLog } from "../../support/log_records.ts";
import { NatsEngine } from "../../support/nats_engine.ts";
import { poll } from "../../support/poll.ts";
import { serviceTest } from "../../support/services.ts";

const LIMITS = { history: 100, maxBytes: 1_000_000, ttl: 60_000 };

/** A process of a server, open until the test is over. */
async function open(
  stack: AsyncDisposableStack,
  engine: NatsEngine,
  options: NatsOptions = {},
): Promise<BrokerPeer> {
  const peer = new BrokerPeer(engine.broker(options), () => LIMITS);
  stack.defer(() => peer.broker.close());
  await peer.open();
  return peer;
}

/** That a peer cannot be connected, and says so without the secrets. */
async function assertShutOut(peer: BrokerPeer, reason: RegExp, secret: string): Promise<void> {
  await peer.until(() => peer.broker.status.lastError !== null);
  const { state, lastError } = peer.broker.status;
  assertEquals(state, "connecting");
  assertMatch(lastError ?? "", reason);
  const error = await assertRejects(() => peer.log.append("news", "t"), BrokerError);
  assertMatch(error.message, reason);
  for (const text of [lastError, error.message, Deno.inspect(peer.broker)]) {
    assertEquals(text?.includes(secret), false);
  }
}

const QUICK = { connectTimeout: 300, publishTimeout: 300 };

Deno.test("NatsBroker checks its options, and never quotes a secret", () => {
  const wrong: [object, RegExp][] = [
    [{ server: "127.0.0.1" }, /Unknown option of NatsBroker "server": did you mean "servers"/],
    [{ servers: [] }, /"servers": expected a text such as/],
    [{ prefix: "a.b" }, /Cannot use "a.b" as the option of NatsBroker "prefix"/],
    [{ replicas: 6 }, /a whole number from 1 to 5/],
    [{ storage: "disk" }, /"file" or "memory"/],
    [{ maxQueued: 0 }, /"maxQueued"/],
    [{ tls: { ca: 1 } }, /option of its TLS "ca"/],
  ];
  for (const [options, message] of wrong) {
    assertMatch(assertThrows(() => new NatsBroker(options), TypeError).message, message);
  }
  for (const options of [{ pass: 5 }, { servers: "nats://a:5secret@b" }, { token: ["5secret"] }]) {
    const error = assertThrows(() => Reflect.construct(NatsBroker, [options]), TypeError);
    assertEquals(error.message.includes("5"), false);
  }
  assertEquals(natsBroker().name, "NATS");
});

serviceTest("nats-server", "NatsBroker logs in with a user and a password", async () => {
  await using engine = await NatsEngine.start({
    config: "authorization { user: gust, password: open-sesame }",
  });
  await using stack = new AsyncDisposableStack();
  const peer = await open(stack, engine, { user: "gust", pass: "open-sesame" });
  await peer.log.append("news", "t");
  const wrong = await open(stack, engine, { user: "gust", pass: "close-sesame", ...QUICK });
  await assertShutOut(wrong, /Authorization Violation/i, "close-sesame");
  const none = await open(stack, engine, QUICK);
  await assertShutOut(none, /Authorization Violation/i, "sesame");
});

serviceTest("nats-server", "NatsBroker logs in with a token", async () => {
  await using engine = await NatsEngine.start({ config: "authorization { token: open-sesame }" });
  await using stack = new AsyncDisposableStack();
  const peer = await open(stack, engine, { token: "open-sesame" });
  await peer.log.append("news", "t");
  const wrong = await open(stack, engine, { token: "close-sesame", ...QUICK });
  await assertShutOut(wrong, /Authorization Violation/i, "close-sesame");
});

serviceTest(
  "nats-server",
  "NatsBroker refuses credentials that are none, without them",
  async () => {
    await using engine = await NatsEngine.start();
    await using stack = new AsyncDisposableStack();
    const peer = await open(stack, engine, { credentials: "no-credentials", ...QUICK });
    await assertShutOut(peer, /./, "no-credentials");
  },
);

serviceTest("nats-server", "NatsBroker speaks TLS with servers that it trusts", async () => {
  await using authority = await Authority.create();
  const { cert, key } = await authority.issue("IP:127.0.0.1,DNS:localhost");
  await Deno.writeTextFile(authority.path("server.pem"), cert);
  await Deno.writeTextFile(authority.path("server.key"), key);
  const config = `tls { cert_file: "${authority.path("server.pem")}", ` +
    `key_file: "${authority.path("server.key")}" }`;
  await using engine = await NatsEngine.start({ config });
  await using stack = new AsyncDisposableStack();
  const ca = await authority.cert;
  const peer = await open(stack, engine, { tls: { ca }, servers: `localhost:${engine.port}` });
  await peer.log.append("news", "t");
  const distrustful = await open(stack, engine, { tls: true, ...QUICK });
  await assertShutOut(distrustful, /certificate|issuer/i, "-----");
});

serviceTest("nats-server", "NatsBroker shows a certificate of its own", async () => {
  await using authority = await Authority.create();
  for (const [name, names] of [["server", "IP:127.0.0.1"], ["client", "DNS:client"]] as const) {
    const { cert, key } = await authority.issue(names);
    await Deno.writeTextFile(authority.path(`${name}.pem`), cert);
    await Deno.writeTextFile(authority.path(`${name}.key`), key);
  }
  const config = `tls { cert_file: "${authority.path("server.pem")}", verify: true, ` +
    `key_file: "${authority.path("server.key")}", ca_file: "${authority.path("ca.pem")}" }`;
  await using engine = await NatsEngine.start({ config });
  await using stack = new AsyncDisposableStack();
  const [ca, cert, key] = await Promise.all(
    ["ca.pem", "client.pem", "client.key"].map((name) => Deno.readTextFile(authority.path(name))),
  );
  const peer = await open(stack, engine, { tls: { ca, cert, key } as NatsTLSOptions });
  await peer.log.append("news", "t");
  const stranger = await open(stack, engine, { tls: { ca } as NatsTLSOptions, ...QUICK });
  await assertShutOut(stranger, /./, "-----");
});

type KeyPair = ReturnType<typeof nkeys.createUser>;

/** A token as an account's issuer signs it. */
function sign(issuer: KeyPair, subject: string, nats: object): string {
  const encode = (value: object) =>
    encodeBase64Url(new TextEncoder().encode(JSON.stringify(value)));
  const claims = { jti: "x", iat: 1_700_000_000, iss: issuer.getPublicKey(), sub: subject, nats };
  const text = `${encode({ typ: "JWT", alg: "ed25519-nkey" })}.${encode(claims)}`;
  return `${text}.${encodeBase64Url(issuer.sign(new TextEncoder().encode(text)))}`;
}

function encodeBase64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_")
    .replaceAll("=", "");
}

/** The text of a credentials file. */
function credentialsOf(account: KeyPair, user: KeyPair): string {
  const unlimited = { subs: -1, data: -1, payload: -1 };
  const jwt = sign(account, user.getPublicKey(), { type: "user", version: 2, ...unlimited });
  const seed = new TextDecoder().decode(user.getSeed());
  return `-----BEGIN NATS USER JWT-----\n${jwt}\n------END NATS USER JWT------\n\n` +
    `-----BEGIN USER NKEY SEED-----\n${seed}\n------END USER NKEY SEED------\n`;
}

serviceTest("nats-server", "NatsBroker logs in with credentials", async () => {
  const [operator, account, other] = [
    nkeys.createOperator(),
    nkeys.createAccount(),
    nkeys.createAccount(),
  ];
  const limits = { subs: -1, conn: -1, leaf: -1, imports: -1, exports: -1, data: -1, payload: -1 };
  const accountClaims = { type: "account", version: 2, limits: { ...limits, wildcards: true } };
  const config = [
    `operator: "${sign(operator, operator.getPublicKey(), { type: "operator", version: 2 })}"`,
    "resolver: MEMORY",
    `resolver_preload: { ${account.getPublicKey()}: "${
      sign(operator, account.getPublicKey(), accountClaims)
    }" }`,
  ].join("\n");
  await using engine = await NatsEngine.start({ config, jetStream: false });
  await using stack = new AsyncDisposableStack();
  const user = nkeys.createUser();
  const peer = await open(stack, engine, { credentials: credentialsOf(account, user) });
  assertEquals([peer.broker.status.lastError, peer.broker.status.state], [null, "connected"]);
  const wrong = credentialsOf(other, user);
  const stranger = await open(stack, engine, { credentials: wrong, ...QUICK });
  const seed = new TextDecoder().decode(user.getSeed());
  await assertShutOut(stranger, /Authorization Violation/i, seed);
});

serviceTest("nats-server", "NatsBroker with TLS refuses a server without", async () => {
  await using engine = await NatsEngine.start();
  await using stack = new AsyncDisposableStack();
  const peer = await open(stack, engine, { tls: true, ...QUICK });
  await assertShutOut(peer, /tls/i, "-----");
});

serviceTest("nats-server", "NatsBroker finds a server that comes later", async () => {
  await using engine = await NatsEngine.start();
  await using stack = new AsyncDisposableStack();
  await engine.kill();
  const peer = await open(stack, engine, { connectTimeout: 200 });
  assertEquals(peer.broker.status.state, "connecting");
  const appended = peer.log.append("news", "tearly");
  const followed = peer.log.follow("news");
  await engine.restart();
  await Promise.all([appended, followed]);
  assertEquals(peer.broker.status.state, "connected");
});

serviceTest("nats-server", "NatsBroker tries each of its servers", async () => {
  await using engine = await NatsEngine.start();
  await using stack = new AsyncDisposableStack();
  const servers = [`127.0.0.1:${freePort()}`, `nats://127.0.0.1:${engine.port}`];
  const peer = await open(stack, engine, { servers });
  assertEquals(peer.broker.status.state, "connected");
});

serviceTest("nats-server", "NatsBroker says what is missing without JetStream", async () => {
  await using engine = await NatsEngine.start({ jetStream: false });
  await using stack = new AsyncDisposableStack();
  const [one, two] = [await open(stack, engine), await open(stack, engine)];
  for (
    const call of [
      () => one.log.append("news", "t"),
      () => one.log.read("news", null),
      () => one.log.follow("news"),
      () => one.presence.join("news", { node: one.node, id: "ann", info: "null" }),
    ]
  ) {
    const { message } = await assertRejects(call, BrokerError);
    assertMatch(message, /start nats-server with -js/);
  }
  assertMatch(one.broker.status.lastError ?? "", /jetstream/i);
  one.broker.publish("news", "tplain");
  await two.until(() => two.plain.length === 1);
});

serviceTest("nats-server", "NatsBroker outlives a server that answers garbage", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const served = (async () => {
    for await (const connection of listener) {
      await connection.write(new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n\r\n"))
        .catch(() => {});
      connection.close();
    }
  })();
  await using stack = new AsyncDisposableStack();
  const broker = natsBroker({ servers: `127.0.0.1:${listener.addr.port}`, ...QUICK });
  const peer = new BrokerPeer(broker, () => LIMITS);
  stack.defer(() => peer.broker.close());
  await peer.open();
  await assertShutOut(peer, /unexpected response/, "secret");
  await broker.close();
  listener.close();
  await served.catch(() => {});
});

serviceTest(
  "nats-server",
  "NatsBroker refuses a message above max_payload, and goes on",
  async () => {
    await using engine = await NatsEngine.start({ config: "max_payload: 10000" });
    await using stack = new AsyncDisposableStack();
    using records = captureLogs();
    const [one, two] = [await open(stack, engine), await open(stack, engine)];
    const large = `t${"x".repeat(10_000)}`;
    const { message } = await assertRejects(() => one.log.append("news", large), BrokerError);
    assertMatch(message, /Cannot publish 10001 bytes over NATS: the server takes 10000/);
    for (const payload of [large, large, "tsmall"]) one.broker.publish("plain", payload);
    await two.until(() => two.plain.length === 1);
    await expectLog(
      records,
      "warning",
      /do not reach other processes .*: the server takes 10000 b/,
    );
    await one.log.append("news", "tsmall");
    assert(one.broker.status.state === "connected");
  },
);

// A server resets the connection of somebody that it refuses, if what came last is not read yet.
serviceTest("nats-server", "NatsBroker outlives servers that reset connections", async () => {
  const port = freePort();
  const config = `http: 127.0.0.1:${port}\nauthorization { token: open-sesame }`;
  await using engine = await NatsEngine.start({ config });
  await using stack = new AsyncDisposableStack();
  await Promise.all(Array.from({ length: 30 }, () => open(stack, engine, QUICK)));
  const refused = async (): Promise<number> => {
    const response = await fetch(`http://127.0.0.1:${port}/varz`);
    return (await response.json()).total_connections;
  };
  assert(await poll(async () => await refused() > 150));
});

serviceTest(
  "nats-server",
  "NatsBroker notices a server that hangs, and bounds what waits",
  async () => {
    await using engine = await NatsEngine.start();
    await using stack = new AsyncDisposableStack();
    using records = captureLogs();
    const peer = await open(stack, engine, {
      publishTimeout: 500,
      maxQueued: 100,
      maxQueuedBytes: 100_000,
    });
    await peer.log.append("news", "t1");
    await peer.log.follow("news");
    engine.hang();
    for (let count = 0; count < 1_000; count++) {
      peer.broker.publish(
        "plain",
        `t${"x".repeat(10_000)}`,
      );
    }
    await expectLog(records, "warning", /do not reach other processes .* does not take them/);
    const calls = Array.from({ length: 200 }, () => peer.log.append("news", "t"));
    const settled = await Promise.allSettled([...calls, peer.log.read("news", null)]);
    for (const each of settled) {
      assert(
        each.status === "rejected" && each.reason instanceof BrokerError,
      );
    }
    assertEquals(peer.broker.status.queued, 0);
    await peer.until(() => peer.broker.status.state === "lost");
    assertMatch(
      peer.broker.status.lastError ?? "",
      /has not answered for 5000 ms|no answer|timeout/i,
    );
    engine.goOn();
    await peer.until(() => peer.interrupted() > 0);
    await peer.log.append("news", "t2");
  },
);

Deno.test("NatsBroker leaves no connection to a server that says nothing", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let [begun, ended] = [0, 0];
  const hold = async (connection: Deno.Conn) => {
    await connection.readable.pipeTo(new WritableStream()).catch(() => {});
    ended++;
  };
  const served = (async () => {
    for await (const connection of listener) {
      begun++;
      void hold(connection);
    }
  })();
  const servers = `127.0.0.1:${listener.addr.port}`;
  const broker = natsBroker({ servers, connectTimeout: 50, publishTimeout: 300 });
  const peer = new BrokerPeer(broker, () => LIMITS);
  await peer.open();
  assert(await poll(() => begun >= 3));
  assert(await poll(() => ended >= 2));
  await assertShutOut(peer, /timeout/i, "secret");
  await broker.close();
  assert(await poll(() => ended === begun));
  listener.close();
  await served;
});

Deno.test("NatsBroker gives up a server that greets, and then says nothing", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let [begun, ended] = [0, 0];
  const info = JSON.stringify({
    server_id: "S",
    version: "2.10.0",
    headers: true,
    max_payload: 1e6,
  });
  const greet = async (connection: Deno.Conn) => {
    const say = (text: string) => connection.write(new TextEncoder().encode(text));
    await say(`INFO ${info}\r\n`);
    let hasAnswered = false;
    const decoder = new TextDecoder();
    for await (const chunk of connection.readable) {
      if (!hasAnswered && decoder.decode(chunk).includes("PING")) await say("PONG\r\n");
      hasAnswered = true;
    }
  };
  const served = (async () => {
    for await (const connection of listener) {
      begun++;
      void greet(connection).catch(() => {}).finally(() => ended++);
    }
  })();
  const broker = natsBroker({ servers: `127.0.0.1:${listener.addr.port}`, ...QUICK });
  const peer = new BrokerPeer(broker, () => LIMITS);
  await peer.open();
  assert(await poll(() => begun >= 3));
  assert(await poll(() => ended >= 2));
  await assertShutOut(peer, /no answer/, "secret");
  await broker.close();
  assert(await poll(() => ended === begun));
  listener.close();
  await served;
});
