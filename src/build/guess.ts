/** Work that need not wait. */

/**
 * Does something with a fact while it is asked for, if there is a guess at it; once more if that was
 * wrong.
 *
 * @param asked The fact: what JSON can say.
 * @param guess What it was the last time; `undefined` if nothing is known.
 * @param work What is done with it. What it throws for a wrong guess is passed over.
 */
export async function withGuess<Fact, Result>(
  asked: Promise<Fact>,
  guess: Fact | undefined,
  work: (fact: Fact) => Promise<Result>,
): Promise<Result> {
  if (guess === undefined) return await work(await asked);
  const [fact, early] = await Promise.allSettled([asked, work(guess)]);
  if (fact.status === "rejected") throw fact.reason;
  if (JSON.stringify(fact.value) !== JSON.stringify(guess)) return await work(fact.value);
  if (early.status === "rejected") throw early.reason;
  return early.value;
}
