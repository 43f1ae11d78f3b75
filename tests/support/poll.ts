const INTERVAL = 5;

/**
 * Asks again and again until a condition holds, for what cannot announce itself.
 *
 * @param condition What has to become true. It is always asked at least once.
 * @param options `timeout` in milliseconds, 20,000 unless given: machines are busy.
 * @returns Whether it became true in time.
 */
export async function poll(
  condition: () => boolean | Promise<boolean>,
  options: { readonly timeout?: number } = {},
): Promise<boolean> {
  const deadline = performance.now() + (options.timeout ?? 20_000);
  while (!await condition()) {
    if (performance.now() >= deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, INTERVAL));
  }
  return true;
}
