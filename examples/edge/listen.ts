/** Serves the application where no runtime serves a default export: on Node, and with `deno run`. */
import process from "node:process";
import app from "./app.ts";

app.listen(Number(process.env.PORT ?? 8888));
