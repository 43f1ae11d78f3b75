import { assertEquals } from "@std/assert";
import { AuthError } from "../../src/auth/auth_error.ts";
import { HTTPError } from "../../src/web/http_error.ts";

Deno.test("auth error has the status of its kind", () => {
  const statuses = (["flow", "refused", "response", "unreachable", "insecure"] as const)
    .map((kind) => new AuthError("Cannot log in", { kind }).status);
  assertEquals(statuses, [400, 502, 502, 502, 500]);
  assertEquals(new AuthError("Cannot log in", { kind: "unreachable", status: 504 }).status, 504);
});

Deno.test("auth error of a provider's refusal has the status of what it says", () => {
  const statusOf = (error: string) => new AuthError("No", { kind: "refused", error }).status;
  assertEquals(
    ["access_denied", "login_required", "invalid_grant", "temporarily_unavailable", "server_error"]
      .map(statusOf),
    [403, 403, 400, 503, 502],
  );
});

Deno.test("auth error is an HTTPError with its fields, null where there is nothing", () => {
  const error = new AuthError("Cannot log in: no", { kind: "flow" });
  assertEquals(error instanceof HTTPError, true);
  assertEquals(error.message, "HTTP 400: Bad Request (Cannot log in: no)");
  const { name, kind, error: code, errorDescription, errorUri, providerStatus } = error;
  assertEquals(
    { name, kind, code, errorDescription, errorUri, providerStatus },
    {
      name: "AuthError",
      kind: "flow",
      code: null,
      errorDescription: null,
      errorUri: null,
      providerStatus: null,
    },
  );
});

Deno.test("auth error shows a provider's code without what could break a log line", () => {
  const error = new AuthError("No", { kind: "refused", error: `a\n${"b".repeat(100)}` });
  assertEquals(error.reason, `Log-in refused: "a\\x0a${"b".repeat(38)}"...`);
});
