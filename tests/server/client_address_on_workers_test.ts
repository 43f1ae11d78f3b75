/** Addresses of clients where the platform tells them: what stands in the package for Workers. */
import { assertEquals } from "@std/assert";
import { protocolOf, remoteIpOf } from "../../src/server/client_address_on_workers.ts";
import { ServerContext } from "../../src/server/server_context.ts";
import { standardPlatform } from "../../src/platform/standard_platform.ts";
import { workersPlatform } from "../../src/platform/workers/workers_platform.ts";

const PROXIED = {
  "x-real-ip": "6.6.6.6",
  "x-forwarded-for": "6.6.6.6",
  "x-forwarded-proto": "https",
  "forwarded": "for=6.6.6.6;proto=https",
};

function source(
  fields: Readonly<Record<string, string>>,
  { platform = workersPlatform(), xheaders }: {
    platform?: ReturnType<typeof standardPlatform>;
    xheaders?: boolean | "forwarded";
  } = {},
) {
  const request = new Request("http://localhost/", { headers: fields });
  return {
    url: request.url,
    header: (name: string) => platform.requestHeader(request, name),
    connection: undefined,
    server: new ServerContext(xheaders === undefined ? {} : { xheaders }, platform),
  };
}

Deno.test("on Workers the address is the platform's, whatever proxies say", () => {
  for (const xheaders of [false, true, "forwarded"] as const) {
    const given = source({ ...PROXIED, "cf-connecting-ip": "2001:db8::1" }, { xheaders });
    assertEquals([remoteIpOf(given), protocolOf(given)], ["2001:db8::1", "http"]);
    assertEquals(remoteIpOf(source(PROXIED, { xheaders })), "0.0.0.0");
  }
});

Deno.test("on Workers what cannot be an address is none", () => {
  for (const address of ["", "gust", "1.2.3.4, 6.6.6.6", "<b>", "1".repeat(46)]) {
    assertEquals(remoteIpOf(source({ "cf-connecting-ip": address })), "0.0.0.0", address);
  }
});

Deno.test("on Workers a platform that tells no addresses is asked for none", () => {
  const given = source({ "cf-connecting-ip": "2001:db8::1" }, { platform: standardPlatform() });
  assertEquals(remoteIpOf(given), "0.0.0.0");
});
