import { defineConfig, type ViteUserConfig } from 'vitest/config'

const conditions = ['@iothub-dm/source']

/** Where the continuous integration wants the counts. */
const resultsFile = process.env.TEST_RESULTS

const config: ViteUserConfig = defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['packages/*/{src,test}/**/*.test.ts', 'test/src/**/*.test.ts'],
    reporters: resultsFile === undefined ? ['default'] : ['default', ['json', { outputFile: resultsFile }]],
    restoreMocks: true,
    testTimeout: 20_000,
    typecheck: {
      checker: './node_modules/typescript-native/bin/tsc',
      include: ['packages/*/src/**/*.test-d.ts', 'test/src/**/*.test-d.ts'],
    },
  },
})

export default config
