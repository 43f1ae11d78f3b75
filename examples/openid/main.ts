/**
 * A site that one logs in to with an OpenID provider. The environment says which:
 *
 * ```sh
 * OPENID_ISSUER=https://accounts.google.com OPENID_KEY=… OPENID_SECRET=… \
 *   deno run --allow-net --allow-env examples/openid/main.ts
 * ```
 *
 * Register `http://localhost:8888/login` with the provider as a redirect URI, and
 * `http://localhost:8888/` as a post-logout redirect URI. `COOKIE_SECRET` keeps its users logged in
 * when it starts anew.
 */
import { OpenIDApplication } from "./openid_application.ts";

if (import.meta.main) {
  const origin = "http://localhost:8888";
  const application = new OpenIDApplication({
    origin,
    cookieSecret: Deno.env.get("COOKIE_SECRET") ?? crypto.randomUUID(),
    openidConnect: {
      issuer: required("OPENID_ISSUER"),
      key: required("OPENID_KEY"),
      secret: required("OPENID_SECRET"),
    },
  });
  await application.listen(8888, { onListen: () => console.log(`The site is on ${origin}`) })
    .finished;
}

function required(name: string): string {
  const value = Deno.env.get(name);
  if (value) return value;
  throw new Error(`Cannot start: set ${name} in the environment`);
}
