/** The context of a request as the life cycle serves it: what middleware does not see of it. */
import type { ConnectionInfo } from "../../platform/platform.ts";
import type { IncomingRequest } from "../request/incoming_request.ts";
import { type Abandonable, RequestContext } from "./request_context.ts";

/** What every {@linkcode RequestContext} is in truth. */
export class ServedContext extends RequestContext {
  /** Whether {@linkcode abandon} was called. */
  get abandoned(): boolean {
    return this.isAbandoned;
  }

  /** Something works on the request from now on, until it has answered. */
  override attach(work: Abandonable): void {
    super.attach(work);
  }

  /** It has answered. */
  override detach(work: Abandonable): void {
    super.detach(work);
  }

  /** What was read of a `Request`; `null` if a middleware has passed on another one. */
  incomingOf(raw: Request): IncomingRequest | null {
    return this.incoming.raw === raw ? this.incoming : null;
  }

  /** Reads what could not be read once the response has left. */
  capture(): void {
    this.incoming.capture();
  }
}

/** The context of a request, where middleware stands around it. */
export function contextOf(connection: ConnectionInfo | undefined): ServedContext | null {
  return connection instanceof ServedContext ? connection : null;
}
