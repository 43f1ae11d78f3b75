import { ApiHandler } from "./api_handler.ts";

/** Tells what there is. */
export class IndexHandler extends ApiHandler {
  override get(): void {
    this.write({ name: "my-app", client: this.client, notes: "/notes" });
  }
}
