// Plays an example by its name; without one, lists them.
import { examples } from './examples.ts'

const [name] = process.argv.slice(2)
const example = examples.find(known => known.name === name)
if (example === undefined) {
  for (const { name: known, shows } of examples) console.log(`pnpm example ${known.padEnd(18)} ${shows}`)
  if (name !== undefined) {
    console.error(`there is no example '${name}'`)
    process.exitCode = 1
  }
} else {
  await example.play()
}
