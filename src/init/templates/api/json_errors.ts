/** Errors of the middleware in JSON. */
import { STATUS_CODES } from "node:http";
import type { Middleware } from "@gustnado/gustnado";

/** Makes what the middleware refuses `{ status, reason }`, as handlers do, whatever a client accepts. */
export const jsonErrors: Middleware = async (_request, next) => {
  const response = await next();
  const { status, headers } = response;
  const isPage = headers.get("content-type")?.startsWith("text/") ?? false;
  if (status < 400 || !isPage) return response;
  await response.body?.cancel();
  const kept = new Headers(headers);
  for (const name of ["content-type", "content-length", "etag", "vary"]) kept.delete(name);
  return Response.json({ status, reason: STATUS_CODES[status] }, { status, headers: kept });
};
