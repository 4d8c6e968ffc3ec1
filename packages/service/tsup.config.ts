import { defineConfig } from 'tsup'
import { packageOptions } from '../../tsup.base.ts'

export default defineConfig({
  ...packageOptions,
  entry: { index: 'src/index.ts', testing: 'src/simulation/index.ts' },
  // Of a class that both entries use there is one, in CommonJS too: `instanceof` holds across them.
  splitting: true,
})
