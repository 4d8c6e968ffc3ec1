import { defineConfig } from 'tsup'

const library = { index: 'src/index.ts', redirect: 'src/redirect/redirect.ts' }
const shared = { target: 'node20', sourcemap: true } as const

// The command line is an ES module only, and shares the code of the library. Each run writes files of its own.
export default defineConfig([
  { ...shared, entry: { ...library, 'iothub-local': 'src/cli/iothub-local.ts' }, format: 'esm', clean: true },
  { ...shared, entry: library, format: 'cjs' },
  {
    entry: library,
    format: ['esm', 'cjs'],
    dts: { only: true, compilerOptions: { ignoreDeprecations: '6.0', customConditions: [] } },
  },
])
