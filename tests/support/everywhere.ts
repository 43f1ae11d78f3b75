/**
 * Rules that hold for `./testing` in process and over a socket alike.
 *
 * @module
 */
import { type TestServer, testServer } from "../../src/testing/test_server.ts";
import type { Application } from "../../src/web/application.ts";

/**
 * Registers a rule twice, each time with an application of its own.
 *
 * @param name The rule.
 * @param create Makes the application.
 * @param fn The test.
 */
export function everywhere<App extends Application>(
  name: string,
  create: () => App,
  fn: (t: TestServer, app: App) => void | Promise<void>,
): void {
  for (
    const [where, options] of [["in process", {}], ["over a socket", { socket: true }]] as const
  ) {
    Deno.test(`${name} (${where})`, async () => {
      const app = create();
      await using t = testServer(app, options);
      await fn(t, app);
    });
  }
}
