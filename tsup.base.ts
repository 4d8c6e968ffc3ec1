import { defineConfig, type Options } from 'tsup'

/** How every package is built: ESM and CommonJS, each with its own types. */
export const packageOptions: Options = {
  entry: ['src/index.ts'],
  format: ['esm', 'cjs'],
  target: 'node20',
  sourcemap: true,
  clean: true,
  // typed-emitter's types are inlined: its own .d.ts cannot be imported under NodeNext.
  dts: { resolve: ['typed-emitter'], compilerOptions: { ignoreDeprecations: '6.0', customConditions: [] } },
}

/** A package with one entry. */
export const packageBuild: ReturnType<typeof defineConfig> = defineConfig(packageOptions)
