/**
 * A service that says whether a number is prime: a WebSocket whose work runs on worker threads, so
 * that a hard question holds up nobody else.
 *
 * `deno run --allow-net examples/prime_service.ts`, then `ws://localhost:8888/prime`: send a number.
 */
import { Application, IOLoop, QueueFull, TimeoutError, WebSocketHandler } from "@gustnado/gustnado";

/** The longest a question may be worked on, in milliseconds. */
const PATIENCE = 5_000;

/** More digits than this are refused: longer ones cannot be answered in time. */
const MOST_DIGITS = 20;

/** What the service answers. */
export type Answer =
  | { readonly number: string; readonly prime: boolean; readonly divisor: string | null }
  | { readonly error: string };

class PrimeHandler extends WebSocketHandler {
  override async onMessage(message: string | Uint8Array): Promise<void> {
    await this.writeMessage(await answer(String(message).trim()));
  }
}

async function answer(text: string): Promise<Answer> {
  if (!/^\d+$/.test(text) || text.length > MOST_DIGITS) {
    return { error: `Send a whole number of up to ${MOST_DIGITS} digits` };
  }
  try {
    const task = { run: smallestDivisor, timeout: PATIENCE };
    const divisor = await IOLoop.current().runInExecutor(task, BigInt(text));
    const prime = divisor === null && BigInt(text) > 1n;
    return { number: text, prime, divisor: divisor === null ? null : String(divisor) };
  } catch (error) {
    if (error instanceof TimeoutError) return { error: "This number is too hard" };
    if (error instanceof QueueFull) return { error: "Too many questions at once, ask again" };
    throw error;
  }
}

/** The smallest divisor between 1 and the number, by trial. It runs on a worker: it sees nothing else. */
export function smallestDivisor(number: bigint): bigint | null {
  if (number > 3n && number % 2n === 0n) return 2n;
  for (let divisor = 3n; divisor * divisor <= number; divisor += 2n) {
    if (number % divisor === 0n) return divisor;
  }
  return null;
}

/** The application. Its workers end with its last server. */
class PrimeService extends Application {
  override onStart(): void {
    this.onShutdown(() => IOLoop.current().shutdownDefaultExecutor());
  }
}

/** The application, ready to listen. */
export const app: Application = new PrimeService([["/prime", PrimeHandler]]);

if (import.meta.main) app.listen(8888);
