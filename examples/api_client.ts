/**
 * Handlers that ask an API before they answer, in the three ways that Tornado's guide shows: with
 * `await`, with `yield`, and with a list that is yielded, whose requests run in parallel.
 *
 * `deno run --allow-net --allow-env examples/api_client.ts http://localhost:8000`
 */
import { Application, AsyncHTTPClient, coroutine, RequestHandler } from "@gustnado/gustnado";
import type { HTTPResponse } from "@gustnado/gustnado";

/** An application with a client for all of its handlers, and the API that they ask. */
export class ApiApplication extends Application {
  /** One client for all: its limit holds for the whole application. */
  readonly client: AsyncHTTPClient = new AsyncHTTPClient({
    maxClients: 20,
    defaults: { requestTimeout: 5_000 },
  });

  /** @param api The beginning of the API's URLs. */
  constructor(readonly api: string) {
    super([
      ["/await/:user", AwaitHandler],
      ["/yield/:user", YieldHandler],
      ["/friends/:a/:b", FriendsHandler],
    ]);
  }

  /** Asks the API for a user. */
  user(name: string): Promise<HTTPResponse> {
    return this.client.fetch(`${this.api}/users/${encodeURIComponent(name)}`);
  }
}

class AwaitHandler extends RequestHandler<ApiApplication> {
  override async get(user: string) {
    const response = await this.application.user(user);
    this.write({ user: response.json() });
  }
}

class YieldHandler extends RequestHandler<ApiApplication> {
  @coroutine
  override *get(user: string) {
    const response: HTTPResponse = yield this.application.user(user);
    this.write({ user: response.json() });
  }
}

class FriendsHandler extends RequestHandler<ApiApplication> {
  @coroutine
  override *get(a: string, b: string) {
    const responses: HTTPResponse[] = yield [this.application.user(a), this.application.user(b)];
    this.write({ friends: responses.map((response) => response.json()) });
  }
}

if (import.meta.main) {
  const server = new ApiApplication(Deno.args[0] ?? "http://localhost:8000").listen(8888);
  console.log(`Listening on http://localhost:${server.port}/`);
}
