/** What topics are spoken of in over a WebSocket. */

/** The name of the subprotocol. */
export const SUBPROTOCOL = "gustnado.v1.json";
