import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { parseBearerToken } from "../../../src/http/fields/bearer_credentials.ts";
import { configureLogging } from "../../../src/log/configure_logging.ts";
import { Application } from "../../../src/web/application.ts";
import {
  bearerAuth,
  type BearerAuthOptions,
  InsufficientScopeError,
} from "../../../src/web/middleware/bearer_auth.ts";
import { RequestHandler } from "../../../src/web/request_handler.ts";
import { WebSocketHandler } from "../../../src/websocket/web_socket_handler.ts";
import { captureLogs, expectLog } from "../../support/log_records.ts";
import { bothWays } from "../../support/serve.ts";

class Who extends RequestHandler {
  override get() {
    this.write({ user: this.currentUser });
  }
}

class Socket extends WebSocketHandler {}

const app = (options: BearerAuthOptions) => () =>
  new Application([["/", Who], ["/ws", Socket]], { middleware: [bearerAuth(options)] });

const TOKENS = { robot: "mF_9.B5f-4.1JqM", ci: "YWJj==", constructor: "x" };

const bearer = (token: string): RequestInit => ({ headers: { authorization: `Bearer ${token}` } });
const REALM = 'Bearer realm="Restricted"';
const INVALID =
  `${REALM}, error="invalid_token", error_description="The token is unknown, expired or revoked"`;
const MALFORMED = `${REALM}, error="invalid_request", error_description="The token is malformed"`;

bothWays("bearerAuth lets those in who have a token", app({ tokens: TOKENS }), async (fetch) => {
  for (const [user, token] of Object.entries(TOKENS)) {
    for (const scheme of ["Bearer", "bearer", "BEARER", "Bearer  "]) {
      const response = await fetch("/", { headers: { authorization: `${scheme} ${token}` } });
      assertEquals([response.status, await response.json()], [200, { user }]);
    }
  }
});

for (
  const [what, authorization, status, challenge] of [
    ["nothing", undefined, 401, REALM],
    ["another scheme", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", 401, REALM],
    ["a scheme that begins like it", "Bearers x", 401, REALM],
    ["an unknown token", "Bearer nope", 401, INVALID],
    ["a prefix of a token", "Bearer mF_9.B5f-4.1Jq", 401, INVALID],
    ["more than a token", "Bearer mF_9.B5f-4.1JqMM", 401, INVALID],
    ["a user", "Bearer robot", 401, INVALID],
    ["no token", "Bearer", 400, MALFORMED],
    ["two tokens", "Bearer a b", 400, MALFORMED],
    ["quotes", 'Bearer "x"', 400, MALFORMED],
    ["padding within", "Bearer a=b", 400, MALFORMED],
    ["two fields in one", "Bearer a, Bearer b", 400, MALFORMED],
    ["a character beyond ASCII", "Bearer \u00fc", 400, MALFORMED],
    ["length", `Bearer ${"x".repeat(10_000)}`, 400, MALFORMED],
  ] as const
) {
  bothWays(`bearerAuth answers ${what} with ${status}`, app({ tokens: TOKENS }), async (fetch) => {
    const init = authorization === undefined ? {} : { headers: { authorization } };
    for (const path of ["/", "/none", "/ws", "/?access_token=mF_9.B5f-4.1JqM"]) {
      const response = await fetch(path, init);
      assertEquals([response.status, response.headers.get("www-authenticate")], [
        status,
        challenge,
      ]);
    }
  });
}

/** What builders of database queries return: no promise, but it can be awaited. */
const thenable = (user: unknown): object => ({
  then: (resolve: (u: unknown) => void) => resolve(user),
});

for (
  const [what, verify, user] of [
    ["true", (token: string) => token === "a", true],
    ["a promise of true", () => Promise.resolve(true), true],
    ["an object", () => ({ id: 7 }), { id: 7 }],
    ["a promise of an object", () => Promise.resolve({ id: 7 }), { id: 7 }],
    ["a thenable of an object", () => thenable({ id: 7 }), { id: 7 }],
    ["a thenable of null", () => thenable(null), null],
    ["false", () => false, null],
    ["null", () => null, null],
    ["undefined", () => undefined as unknown as null, null],
    ["a number", () => 1 as unknown as boolean, null],
    ["a promise of text", () => Promise.resolve("yes" as unknown as boolean), null],
  ] as const
) {
  bothWays(
    `bearerAuth takes ${what} for ${JSON.stringify(user)}`,
    app({ verify }),
    async (fetch) => {
      const response = await fetch("/", bearer("a"));
      if (user !== null) return assertEquals(await response.json(), { user });
      assertEquals([response.status, response.headers.get("www-authenticate")], [401, INVALID]);
    },
  );
}

for (
  const [how, verify] of [
    ["throws", () => {
      throw new InsufficientScopeError("read write");
    }],
    ["rejects", () => Promise.reject(new InsufficientScopeError("read write"))],
  ] as const
) {
  bothWays(
    `bearerAuth answers 403 where verify ${how} for the scope`,
    app({ verify }),
    async (fetch) => {
      const response = await fetch("/", bearer("a"));
      assertEquals(response.status, 403);
      assertEquals(
        response.headers.get("www-authenticate"),
        `${REALM}, error="insufficient_scope", error_description="The token does not allow this", scope="read write"`,
      );
    },
  );
}

bothWays(
  "bearerAuth tells no scope that it was not told",
  app({ verify: () => Promise.reject(new InsufficientScopeError()) }),
  async (fetch) => {
    const challenge = (await fetch("/", bearer("a"))).headers.get("www-authenticate");
    assertEquals(challenge?.includes("scope="), false);
  },
);

for (
  const [how, verify] of [
    ["rejects", () => Promise.reject(new Error("no database"))],
    ["throws", () => {
      throw new Error("no database");
    }],
  ] as const
) {
  bothWays(
    `bearerAuth lets nobody in and logs no token when verify ${how}`,
    app({ verify }),
    async (fetch) => {
      using records = captureLogs();
      assertEquals((await fetch("/", bearer("secret-word"))).status, 500);
      await expectLog(records, "error", /no database/);
      assert(!JSON.stringify(records.all).includes("secret-word"));
    },
  );
}

bothWays(
  "bearerAuth writes any realm",
  app({ tokens: TOKENS, realm: 'a "b" \\' }),
  async (fetch) => {
    assertEquals(
      (await fetch("/")).headers.get("www-authenticate"),
      'Bearer realm="a \\"b\\" \\\\"',
    );
  },
);

for (
  const options of [
    {},
    { tokens: {}, verify: () => true },
    { tokens: { a: 1 } },
    { tokens: ["hush-hush"] },
    { tokens: "hush-hush" },
    { tokens: { a: "hush-hush \u00fc" } },
    { tokens: { a: "" } },
    { verify: true },
    { tokens: {}, realm: "\u00e9" },
    { tokens: {}, realm: "a\nb" },
    { tokens: {}, realms: "x" },
  ]
) {
  Deno.test(`bearerAuth refuses the options ${JSON.stringify(options)}, and tells no token`, () => {
    const error = assertThrows(
      () => bearerAuth(options as unknown as BearerAuthOptions),
      TypeError,
    );
    assert(!error.message.includes("hush-hush"));
  });
}

Deno.test("InsufficientScopeError takes scopes only, which no header could hold otherwise", () => {
  for (const scope of ["", " a", "a  b", 'a"b', "a\\b", "a\nb", "\u00fc", 1]) {
    assertThrows(() => new InsufficientScopeError(scope as string), TypeError, "scope");
  }
});

Deno.test("a bearer token is read or refused, whatever comes", () => {
  fc.assert(fc.property(fc.string(), (text) => {
    const parsed = parseBearerToken(`Bearer ${text}`);
    assert(parsed === "malformed" || parsed !== null && text.trim() === parsed.token);
  }));
});

for (
  const [user, authorization, why] of [
    [null, null, "No bearer token was sent"],
    [null, "Bearer \u00e9", "The token is malformed"],
    [null, "Bearer x", "bearerAuth() knows no such token"],
    [undefined, "Bearer x", '"verify" of bearerAuth() gave undefined'],
    ["ada", "Bearer x", '"verify" of bearerAuth() gave a string'],
  ] as const
) {
  Deno.test(`the access log says why a token was refused: ${why}`, async () => {
    const path = await Deno.makeTempFile();
    using _logging = configureLogging({ format: "json", file: path });
    const headers = new Headers(authorization === null ? {} : { authorization });
    // What is no user is what a program without types may give.
    const options = { verify: () => user } as unknown as BearerAuthOptions;
    const response = await app(options)().fetch(new Request("http://localhost/", { headers }));
    await response.body?.cancel();
    assertStringIncludes(JSON.parse(await Deno.readTextFile(path)).reason, why);
    await Deno.remove(path);
  });
}
