/** The least that ours starts with: one page. Prints its port. */
import { Application, RequestHandler } from "@gustnado/gustnado";

class Hello extends RequestHandler {
  override get() {
    this.write("Hello");
  }
}

const app = new Application([["/", Hello]]);
const { port } = app.listen(0, { hostname: "127.0.0.1" });
console.log(port);
