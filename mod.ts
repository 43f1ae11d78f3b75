/**
 * Gustnado is Tornado for Deno: an `Application` of handler classes, WebSockets, and an event-loop
 * toolkit on `Deno.serve`.
 *
 * @module
 */
