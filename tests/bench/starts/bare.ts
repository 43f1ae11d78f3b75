/** The least that the bare runtime starts with: one page. Prints its port. */
const headers = { "content-type": "text/html; charset=UTF-8" };
const options = { port: 0, hostname: "127.0.0.1", onListen() {} };
const server = Deno.serve(options, () => new Response("Hello", { headers }));
console.log(server.addr.port);
