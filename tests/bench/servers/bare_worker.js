/** A worker without a library: sends what ours sends. */
const init = { headers: { "content-type": "text/html; charset=UTF-8" } };

export default { fetch: () => new Response("Hello, world", init) };
