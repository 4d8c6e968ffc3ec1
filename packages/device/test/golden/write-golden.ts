import { writeFileSync } from 'node:fs'
import { phasesOf, type Replay, recordScenario, replay, scenarioNames } from './golden-scenarios.ts'

/**
 * Test support, run as a program when a version is released: writes the golden files of the journal as the sources beside it
 * write it, and how the handlers go on from each of their lines. Argument: the version, such as `0.2.0`. Files of released versions are
 * never written again.
 */
const [version = ''] = process.argv.slice(2)
for (const name of scenarioNames) {
  const journal = await recordScenario(name)
  const replays: Replay[] = []
  for (const phase of phasesOf(journal)) replays.push(await replay(phase))
  const file = new URL(`journal-${version}-${name}`, import.meta.url)
  writeFileSync(file, journal)
  writeFileSync(
    `${file.pathname}.replays.json`,
    `[\n${replays.map(one => `  ${JSON.stringify(one)}`).join(',\n')}\n]\n`,
  )
}
