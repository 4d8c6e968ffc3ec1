import { defineConfig, type ViteUserConfig } from 'vitest/config'

const conditions = ['@iothub-dm/source']

const config: ViteUserConfig = defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'test/src/**/*.test.ts'],
    restoreMocks: true,
    testTimeout: 20_000,
    typecheck: {
      checker: './node_modules/typescript-native/bin/tsc',
      include: ['packages/*/src/**/*.test-d.ts', 'test/src/**/*.test-d.ts'],
    },
  },
})

export default config
