/** Runs the site: `deno task start`, or `deno task dev` with `--debug`. */
import { configureLogging } from "@gustnado/gustnado";
import { defineOptions } from "@gustnado/gustnado/options";
import { openDatabase } from "./database.ts";
import { SiteApplication } from "./site_application.ts";

const options = defineOptions({
  port: { default: 8888, help: "where to listen", env: "PORT" },
  xheaders: { default: false, help: "believe what the proxy in front says", env: "XHEADERS" },
  debug: { default: false, help: "show errors to clients" },
  cookieSecret: { default: "", help: "signs cookies", env: "COOKIE_SECRET", secret: true },
});
options.parseCommandLine();
// Whoever develops, or has a terminal, sees requests and errors as text; others get JSON.
if (!options.debug && !Deno.stderr.isTerminal()) configureLogging({ format: "json" });

const { cookieSecret, debug } = options;
if (cookieSecret.length < 32) {
  console.error(
    "Cannot start: COOKIE_SECRET has to have 32 characters; .env.example says how",
  );
  Deno.exit(2);
}
const app = new SiteApplication(openDatabase("data/my-app.sqlite"), { cookieSecret, debug });
app.listen(options.port, {
  xheaders: options.xheaders,
  onListen: (address) => console.log(`my-app is on http://localhost:${address.port}`),
});
