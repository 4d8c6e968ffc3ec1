import { defineConfig, type ViteUserConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const conditions = ['@iothub-dm/source']

/** Where the continuous integration wants the counts. */
const resultsFile = process.env.TEST_RESULTS

/** The files that take longest: begun first, so that they do not keep everybody waiting at the end. */
const longFiles: readonly string[] = [
  'kill-sweep',
  'readme-snippets',
  'firmware-update.test',
  'cut-sweep',
  'crash-kit',
  'examples.test',
]

function isLong({ moduleId }: TestSpecification): boolean {
  return longFiles.some(name => moduleId.includes(name))
}

class LongFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- it is the sequencer's own
    const sorted = await super.sort(files)
    return [...sorted.filter(isLong), ...sorted.filter(file => !isLong(file))]
  }
}

const config: ViteUserConfig = defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['packages/*/{src,test}/**/*.test.ts', 'test/src/**/*.test.ts'],
    reporters: resultsFile === undefined ? ['default'] : ['default', ['json', { outputFile: resultsFile }]],
    restoreMocks: true,
    sequence: { sequencer: LongFilesFirst },
    testTimeout: 20_000,
    typecheck: {
      checker: './node_modules/typescript-native/bin/tsc',
      include: ['packages/*/src/**/*.test-d.ts', 'test/src/**/*.test-d.ts'],
    },
  },
})

export default config
