/**
 * Sign up, log in, log out: `deno run --allow-net --allow-read examples/login/main.ts`, then
 * http://localhost:8888.
 *
 * Passwords are hashed with scrypt, sessions are kept in memory, forms carry a token against
 * cross-site request forgery, and `next` leads to pages of this site only.
 */
import { LoginApplication } from "./login_application.ts";

if (import.meta.main) {
  await new LoginApplication().listen(8888, {
    onListen: (addr) => console.log(`Log in on http://localhost:${addr.port}`),
  }).finished;
}
