/** Logging a test's client in, without the application's form. */
import { live } from "../../web/life_cycle.ts";
import { Exchange } from "../../web/exchange.ts";
import { type Application, partsOf } from "../../web/application.ts";
import { RequestHandler } from "../../web/request_handler.ts";
import { receive } from "../../web/request/served_request.ts";
import { NO_GROUPS } from "../../web/routing/path_pattern.ts";
import { SessionMixin } from "../../web/session/session_mixin.ts";
import { ServerContext } from "../../server/server_context.ts";
import { BOOLEAN, checkOptions, type OptionType, STRING } from "../../checks/option_check.ts";

/**
 * How `TestClient.login` logs in.
 *
 * @category Testing
 */
export interface LoginOptions {
  /** The name of the signed cookie, or of the key in the session. Default `"user"`. */
  readonly name?: string;
  /**
   * Whether the user is put into the session, and not into a signed cookie. Default: where the
   * application has the setting `session`.
   */
  readonly session?: boolean;
}

const TYPES: Readonly<Record<keyof LoginOptions, OptionType>> = { name: STRING, session: BOOLEAN };

/** What the handler below is told. */
interface LoginArgs {
  readonly act: (handler: InstanceType<typeof LoginHandler>) => void;
  readonly fail: (error: unknown) => void;
}

/** Does what a handler of the application would do after a form was sent. */
class LoginHandler extends SessionMixin(RequestHandler) {
  #args: LoginArgs | undefined;

  override initialize(args: LoginArgs): void {
    this.#args = args;
  }

  override get(): void {
    try {
      this.#args?.act(this);
    } catch (error) {
      this.#args?.fail(error);
    }
  }
}

/**
 * Goes through the life cycle of a request that logs a user in.
 *
 * @param request What the client would have sent.
 * @returns The response, which sets the cookies.
 * @throws {Error} If the application cannot sign, or not keep the session.
 */
export async function logIn(
  application: Application,
  request: Request,
  { user, options }: { readonly user: unknown; readonly options: LoginOptions },
): Promise<Response> {
  checkOptions(options, TYPES);
  const { name = "user", session = application.settings.session !== undefined } = options;
  let failure: { readonly error: unknown } | undefined;
  const act: LoginArgs["act"] = session
    ? (handler) => handler.session.set(name, user)
    : (handler) => handler.setSignedCookie(name, textOf(user));
  const args: LoginArgs = { act, fail: (error) => failure = { error } };
  const context = new ServerContext(application.settings, application.platform);
  const match = { handlerClass: LoginHandler, args, groups: NO_GROUPS };
  const served = receive(request, {}, context, false);
  const response = await live(new Exchange(application, partsOf(application), served, match));
  await response.body?.cancel();
  if (failure !== undefined) throw failure.error;
  if (response.ok) return response;
  throw new Error(`Cannot log in: the application answers ${response.status}, its log says why`);
}

function textOf(user: unknown): string {
  return typeof user === "string" ? user : JSON.stringify(user);
}
