import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import fc from "fast-check";
import { Application, AsyncHTTPClient, HTTPClientError, RequestHandler } from "../../mod.ts";
import { parseChallenges } from "../../src/client/credentials/challenge.ts";
import { answerChallenge } from "../../src/client/credentials/digest_auth.ts";
import { assertLinear } from "../support/linear.ts";
import { serve } from "../support/serve.ts";
import { serviceTest, startPython } from "../support/services.ts";

/** The example of RFC 7616 §3.9.1. */
const example = {
  username: "Mufasa",
  password: "Circle of Life",
  method: "GET",
  url: "http://www.example.org/dir/index.html",
  cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
};
const challenge = (algorithm: string) =>
  `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, ` +
  `nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", ` +
  `opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`;
const md5 = 'response="8ca523f5e9506fed4657c9700eebdbec"';
const sha256 = 'response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"';

Deno.test("digest answers the examples of RFC 7616", () => {
  assertMatch(answerChallenge(challenge("MD5"), example) ?? "", new RegExp(md5));
  assertMatch(answerChallenge(challenge("SHA-256"), example) ?? "", new RegExp(sha256));
});

Deno.test("digest answers the example of RFC 2069, which had no qop", () => {
  const header = 'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", ' +
    'opaque="5ccc069c403ebaf9f0171e9517f40e41"';
  const url = "http://www.nowhere.org/dir/index.html";
  const answer = answerChallenge(header, { ...example, password: "CircleOfLife", url }) ?? "";
  assertMatch(answer, /response="1949323746fe6a43ef61f9606e7febea"/);
  assert(!answer.includes("qop"), answer);
});

Deno.test("digest answers the best of several challenges", () => {
  const both = `${challenge("MD5")}, Basic realm="x", ${challenge("SHA-256")}`;
  assertMatch(answerChallenge(both, example) ?? "", new RegExp(sha256));
});

Deno.test("digest answers nothing that it does not know", () => {
  const headers = [
    null,
    "",
    "Digest",
    'Basic realm="x"',
    challenge("SHA-1024"),
    challenge("MD5").replace("auth, auth-int", "auth-int"),
    'Digest realm="x"',
  ];
  for (const header of headers) assertEquals(answerChallenge(header, example), null);
});

Deno.test("digest hides the user where the server wants it", () => {
  const answer = answerChallenge(`${challenge("SHA-256")}, userhash=true`, example) ?? "";
  assert(!answer.includes("Mufasa") && answer.includes("userhash=true"), answer);
});

Deno.test("challenges are read back as they were written, whatever they hold", () => {
  const value = fc.string({ unit: fc.constantFrom(...'ab ,="\\;/\u00e9') });
  fc.assert(fc.property(fc.array(fc.record({ realm: value, nonce: value })), (written) => {
    const quote = (text: string) => `"${text.replace(/["\\]/g, "\\$&")}"`;
    const field = written.map(({ realm, nonce }) =>
      `Digest realm=${quote(realm)}, nonce=${quote(nonce)}`
    ).join(", ");
    const read = parseChallenges(field).map(({ parameters: { realm, nonce } }) => ({
      realm,
      nonce,
    }));
    assertEquals(read, written);
  }));
});

Deno.test("challenges of any text are read without an exception, in linear time", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void parseChallenges(text)));
  for (const part of ["a ", 'a="', ",", "a=b,", " ", '\\"', "a"]) {
    assertLinear((n) => parseChallenges(`Digest ${part.repeat(n)}`), { n: 20_000 });
  }
});

Deno.test("client that is not told the right password gets the 401", async () => {
  class Wall extends RequestHandler {
    override get() {
      this.setStatus(401);
      this.setHeader("WWW-Authenticate", challenge("SHA-256"));
      this.write(this.request.header("authorization") ?? "none");
    }
  }
  await using server = serve(new Application([["/", Wall]]));
  using client = new AsyncHTTPClient();
  const options = { authMode: "digest", authUsername: "me", authPassword: "secret" } as const;
  const error = await assertRejects(() => client.fetch(server.origin, options), HTTPClientError);
  assertMatch(error.response?.text() ?? "", /^Digest username="me", realm="http-auth@example.org"/);
});

serviceTest("python3-tornado", "digest is accepted by a server that others wrote", async () => {
  await using python = await startPython(`
import asyncio, sys, tornado.web
import tornado.httputil
import hashlib, re

USERS = {"me": "se:cret"}

class Wall(tornado.web.RequestHandler):
    def get(self):
        field = self.request.headers.get("Authorization", "")
        if not field.startswith("Digest "):
            self.set_status(401)
            self.set_header("WWW-Authenticate", 'Digest realm="r", nonce="n", qop="auth"')
            return
        p = {k: q or t for k, q, t in re.findall(r'(\\w+)=(?:"([^"]*)"|([^ ,]+))', field[7:])}
        md5 = lambda s: hashlib.md5(s.encode()).hexdigest()
        a1 = md5("%s:r:%s" % (p["username"], USERS[p["username"]]))
        a2 = md5("%s:%s" % (self.request.method, self.request.uri))
        due = md5(":".join([a1, "n", p["nc"], p["cnonce"], "auth", a2]))
        self.set_status(200 if p["response"] == due else 403)

async def main():
    tornado.web.Application([("/.*", Wall)]).listen(int(sys.argv[1]), "127.0.0.1")
    await asyncio.Event().wait()

asyncio.run(main())
`);
  using client = new AsyncHTTPClient();
  const url = `http://127.0.0.1:${python.port}/a%20b?c=d`;
  const options = { authMode: "digest", authUsername: "me", authPassword: "se:cret" } as const;
  assertEquals((await client.fetch(url, options)).code, 200);
});
