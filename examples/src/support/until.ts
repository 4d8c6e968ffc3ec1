import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Asks until the answer will do. Queries lag behind the twins, by seconds as a rule; hub configurations are evaluated every five
 * minutes.
 *
 * @param intervalInMs time between two questions
 * @returns the answer that will do
 */
export async function until<TAnswer>(
  ask: () => Promise<TAnswer>,
  willDo: (answer: TAnswer) => boolean,
  intervalInMs = 200,
): Promise<TAnswer> {
  for (;;) {
    const answer = await ask()
    if (willDo(answer)) return answer
    await sleep(intervalInMs)
  }
}
