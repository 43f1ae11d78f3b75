/**
 * The application as a program: `<port> <folder> [URL of Redis]`. It listens with TLS, too, and on a Unix
 * socket in the folder; another one has its sessions in Redis. They end when they are told to by a signal.
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import { smokeApplication } from "./application.ts";

const [port, folder = ".", url] = process.argv.slice(2);
const read = (name: string) => readFileSync(`${folder}/${name}`, "utf8");
const options = { hostname: "127.0.0.1", graceMs: 5_000 };

const application = smokeApplication({ folder });
application.onShutdown(() => console.log("shut down"));
const pair = { cert: read("cert.pem"), key: read("key.pem") };
console.log(`https ${application.listen(0, { ...options, ...pair }).port}`);
application.listen(0, { path: `${folder}/${port}.socket`, graceMs: 5_000 });
if (url !== undefined) {
  // The client comes with the package, which uses it for topics.
  const { createClient } = await import("redis");
  const redis = await createClient({ url }).connect();
  const other = smokeApplication({ folder, redis });
  other.onShutdown(() => redis.close());
  console.log(`redis ${other.listen(0, options).port}`);
}
application.listen(Number(port), options);
