import { defineConfig } from 'tsup'
import { packageOptions } from '../../tsup.base.ts'

const options = { ...packageOptions, entry: { index: 'src/index.ts', testing: 'src/simulation/index.ts' } }

export default defineConfig([
  { ...options, format: 'esm', splitting: true },
  // Not split: for that, tsup would read the modules of azure-iothub otherwise than Node does, and find no defaults in them. So the
  // two entries have classes of their own here; the guards, such as isHubError, go by a brand.
  { ...options, format: 'cjs', splitting: false, clean: false },
])
