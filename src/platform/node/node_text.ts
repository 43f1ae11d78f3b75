/** Responses that are one text. */

const texts = new WeakMap<Response, string>();

/** Its text is remembered: reading it from the stream of the response takes longer than all the rest. */
export function textResponse(body: string, contentType: string): Response {
  const response = new Response(body);
  response.headers.set("content-type", contentType);
  texts.set(response, body);
  return response;
}

/** The text of a response that nobody has read, if it is known. */
export function knownText(response: Response): string | undefined {
  return response.bodyUsed || response.body?.locked === true ? undefined : texts.get(response);
}
