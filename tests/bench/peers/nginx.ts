/** nginx, for static files. Prints its port, and stops it when it is told to stop. */
const [, root = "."] = Deno.args;
const directory = await Deno.makeTempDir({ prefix: "bench-nginx-" });
const port = freePort();

await Deno.writeTextFile(
  `${directory}/nginx.conf`,
  `daemon off; master_process off; pid ${directory}/pid; error_log stderr crit;
events { worker_connections 1024; }
http {
  access_log off;
  types { text/plain txt; }
  open_file_cache max=100;
  client_body_temp_path ${directory}/a; proxy_temp_path ${directory}/b; fastcgi_temp_path ${directory}/c;
  uwsgi_temp_path ${directory}/d; scgi_temp_path ${directory}/e;
  server { listen 127.0.0.1:${port}; location /static/ { alias ${root}/; } }
}
`,
);
const child = new Deno.Command("nginx", {
  args: ["-p", directory, "-e", "stderr", "-c", `${directory}/nginx.conf`],
}).spawn();
for (let tries = 0; tries < 100 && !await answers(port); tries++) {
  await new Promise((resolve) => setTimeout(resolve, 20));
}
Deno.addSignalListener("SIGTERM", () => child.kill("SIGTERM"));
console.log(port);
await child.status;
await Deno.remove(directory, { recursive: true });
Deno.exit();

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function answers(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch {
    return false;
  }
}
