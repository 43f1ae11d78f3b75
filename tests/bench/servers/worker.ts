/** Ours on Workers: what `./build` makes the bundle of. */
import { Application, RequestHandler } from "@gustnado/gustnado";
import { HELLO } from "../content.ts";

class Hello extends RequestHandler {
  override get() {
    this.write(HELLO);
  }
}

const app: Application = new Application([["/", Hello]]);
export default app;
