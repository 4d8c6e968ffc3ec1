import { describe, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { configuration } from '../../contract/configuration.ts'
import type { ConfigurationName } from '../../contract/contract.ts'
import { defineContract } from '../../contract/define-contract.ts'
import {
  type AcknowledgementCode,
  type ConfigurationAcknowledgement,
  encodeAcknowledgement,
} from './acknowledgement.ts'

describe('the acknowledgement of a configuration', () => {
  it('has the type of the value', () => {
    expectTypeOf<ConfigurationAcknowledgement<{ fps: number }>['value']>().toEqualTypeOf<{ fps: number } | undefined>()
    expectTypeOf<AcknowledgementCode>().toEqualTypeOf<200 | 202 | 203 | 400 | 500>()
    // @ts-expect-error - a version is a number
    encodeAcknowledgement({ ac: 200, av: '1' })
    // @ts-expect-error - a code has to be told
    encodeAcknowledgement({ av: 1 })
  })
})

describe('ConfigurationName', () => {
  it('is one of the contract', () => {
    const contract = defineContract({
      configurations: { a: configuration(z.object({})), b: configuration(z.object({})) },
    })
    expectTypeOf<ConfigurationName<typeof contract>>().toEqualTypeOf<'a' | 'b'>()
  })
})
