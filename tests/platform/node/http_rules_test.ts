/**
 * The rules of HTTP, once more by the engine "node". What it cannot do stands in `../deno/`: HTTP/2, and
 * connections that an application takes over with `Deno.upgradeWebSocket`.
 */
import { serveBy } from "../../support/serve.ts";
import "../../server/drain_test.ts";
import "../../web/client_left_test.ts";
import "../../web/disconnect_test.ts";
import "../../web/life_cycle_test.ts";
import "../../web/request/body_limits_test.ts";
import "../../web/request/forms_test.ts";
import "../../web/request/request_body_test.ts";
import "../../web/response/compression_test.ts";
import "../../web/response/cookies_test.ts";
import "../../web/response/early_response_test.ts";
import "../../web/response/framing_test.ts";
import "../../web/response/response_stream_test.ts";
import "../../web/response/returned_response_test.ts";
import "../../web/static/static_file_test.ts";
import "../../web/static/static_range_test.ts";
import "../../web/uploads/receive_uploads_test.ts";

serveBy("node");
