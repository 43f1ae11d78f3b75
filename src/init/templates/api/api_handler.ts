/** What all handlers of the API have in common. */
import { STATUS_CODES } from "node:http";
import { HTTPError, RequestHandler, ValidationError } from "@gustnado/gustnado";
import type { ApiApplication } from "./api_application.ts";
import type { Client } from "./tokens.ts";

/** Answers in JSON, errors included. */
export abstract class ApiHandler extends RequestHandler<ApiApplication> {
  /** Who asks, by name. The token was checked before. */
  protected get client(): string {
    return (this.currentUser as Client).name;
  }

  /** `{ status, reason }`, and for input that was refused what is wrong, and where. */
  override writeError(status: number, { error }: { error?: unknown }): void {
    const told = error instanceof HTTPError ? error.reason : undefined;
    const reason = told ?? STATUS_CODES[status] ?? "Unknown";
    const issues = error instanceof ValidationError ? { issues: error.issues } : {};
    this.finish({ status, reason, ...issues });
  }
}

/** Answers where there is no route. */
export class NotFoundHandler extends ApiHandler {
  override prepare(): void {
    throw new HTTPError(404);
  }
}
