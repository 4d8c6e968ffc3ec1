import { defineConfig } from 'tsup'
import { packageOptions } from '../../tsup.base.ts'

export default defineConfig({
  ...packageOptions,
  entry: {
    index: 'src/index.ts',
    launcher: 'src/firmware/slots/launcher.ts',
    signing: 'src/firmware/signing/index.ts',
    testing: 'src/testing/index.ts',
  },
  // Of a class that both entries use there is one, in CommonJS too: `instanceof` holds across them.
  splitting: true,
})
