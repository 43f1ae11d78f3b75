/** Runs the API: `deno task start`, or `deno task dev` with `--debug`. */
import { configureLogging } from "@gustnado/gustnado";
import { defineOptions } from "@gustnado/gustnado/options";
import { ApiApplication } from "./api_application.ts";
import { openDatabase } from "./database.ts";

const options = defineOptions({
  port: { default: 8888, help: "where to listen", env: "PORT" },
  xheaders: { default: false, help: "believe what the proxy in front says", env: "XHEADERS" },
  debug: { default: false, help: "show errors to clients" },
});
options.parseCommandLine();
// Whoever develops, or has a terminal, sees requests and errors as text; others get JSON.
if (!options.debug && !Deno.stderr.isTerminal()) configureLogging({ format: "json" });

const app = new ApiApplication(openDatabase("data/my-app.sqlite"), { debug: options.debug });
app.listen(options.port, {
  xheaders: options.xheaders,
  onListen: (address) => console.log(`my-app is on http://localhost:${address.port}`),
});
