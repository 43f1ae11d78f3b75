/** What stands in the place of `listening_server.ts` in the package, for Workers: there is no server. */
import type { ListenAddress } from "../platform/platform.ts";
import { UnsupportedFeatureError } from "../platform/unsupported_feature_error.ts";
import { HTTPServer } from "./http_server.ts";

/** Cannot be made. */
export class ListeningServer extends HTTPServer {
  declare readonly finished: Promise<void>;
  declare readonly addr: ListenAddress;
  declare readonly stop: () => Promise<void>;
  declare readonly shutdown: () => Promise<void>;

  /** @throws {UnsupportedFeatureError} Always. */
  constructor() {
    super();
    throw new UnsupportedFeatureError(
      "a listening server",
      "`export default app`, and Workers call it",
    );
  }
}
