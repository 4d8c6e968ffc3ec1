import { action, defineContract, method, type OperationErrorCode, reboot } from '@iothub-dm/protocol'
import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import type { ActionClient } from '../action/action-client.ts'
import { isOperationFailedError } from '../errors/operation-errors.ts'
import { isRefusedError } from '../errors/refused-error.ts'
import type { MethodClient } from '../method/method-client.ts'
import type { ActionRecord } from '../operation/action-record.ts'
import type { OperationHandle } from '../operation/operation-handle.ts'
import type { DeviceClient } from './device-client.ts'
import type { FleetClient } from './fleet-client.ts'

// Input and output differ, so that a swap of the two does not pass.
const camera = defineContract({
  methods: {
    getLogs: method({ request: z.object({ lines: z.number() }), response: z.array(z.string()) }),
    getClock: method({
      request: v.object({ zone: v.pipe(v.string(), v.transform(Number)) }),
      response: v.object({
        time: v.pipe(
          v.string(),
          v.transform(text => new Date(text)),
        ),
      }),
    }),
    zoom: method({ request: type({ factor: 'number', 'smooth?': 'boolean' }), response: type('string.numeric.parse') }),
    snapshot: method({ request: z.object({ quality: z.number().optional() }), response: z.string() }),
    label: method({ request: z.string().optional() }),
    ping: method(),
  },
  actions: {
    reboot,
    calibrate: action({
      request: v.object({ target: v.number() }),
      phases: ['warming', 'measuring'],
      result: v.object({
        at: v.pipe(
          v.string(),
          v.transform(text => new Date(text)),
        ),
      }),
      errors: ['sensorFault'],
    }),
    survey: action({ request: type({ depth: 'number' }), result: type({ points: 'number[]' }), errors: ['lost'] }),
    clean: action({ request: z.object({ dry: z.boolean().default(false) }) }),
    rest: action(),
  },
})

declare const fleet: FleetClient<typeof camera>
declare const cam1: DeviceClient<typeof camera>
declare const calibration: OperationHandle<typeof camera.actions.calibrate>

type Invoke<TName extends keyof typeof cam1.methods> = (typeof cam1.methods)[TName]['invoke']
type Begin<TName extends keyof typeof cam1.actions> = (typeof cam1.actions)[TName]['begin']
type Action<TName extends keyof typeof camera.actions> = (typeof camera.actions)[TName]

describe('methods', () => {
  it('are those of the contract', () => {
    expectTypeOf<keyof typeof cam1.methods>().toEqualTypeOf<
      'getLogs' | 'getClock' | 'zoom' | 'snapshot' | 'label' | 'ping'
    >()
    // @ts-expect-error - not in the contract
    void cam1.methods.getLog
    // @ts-expect-error - an action is no method
    void cam1.methods.reboot
    // @ts-expect-error - members cannot be exchanged
    cam1.methods.ping = cam1.methods.label
  })

  it('take what travels, and give what the schema makes of the answer', () => {
    expectTypeOf<Invoke<'getLogs'>>().parameter(0).toEqualTypeOf<{ lines: number }>()
    expectTypeOf<Invoke<'getLogs'>>().returns.resolves.toEqualTypeOf<string[]>()
    expectTypeOf<Invoke<'getClock'>>().parameter(0).toEqualTypeOf<{ zone: string }>()
    expectTypeOf<Invoke<'getClock'>>().returns.resolves.toEqualTypeOf<{ time: Date }>()
    expectTypeOf<Invoke<'zoom'>>().parameter(0).toEqualTypeOf<{ factor: number; smooth?: boolean }>()
    expectTypeOf<Invoke<'zoom'>>().returns.resolves.toEqualTypeOf<number>()
    expectTypeOf<Invoke<'ping'>>().returns.resolves.toEqualTypeOf<undefined>()
  })

  it('refuse another request', () => {
    // @ts-expect-error - wrong type
    void cam1.methods.getLogs.invoke({ lines: '20' })
    // @ts-expect-error - misnamed member
    void cam1.methods.getLogs.invoke({ line: 20 })
    // @ts-expect-error - the output of the schema is not what travels
    void cam1.methods.getClock.invoke({ zone: 1 })
    // @ts-expect-error - wrong type
    void cam1.methods.zoom.invoke({ factor: 2, smooth: 'very' })
    // @ts-expect-error - takes no request
    void cam1.methods.ping.invoke({ lines: 20 })
  })

  it('can go without a request only where everything in it is optional, or there is none', () => {
    void cam1.methods.ping.invoke()
    void cam1.methods.snapshot.invoke()
    void cam1.methods.label.invoke()
    void cam1.methods.ping.invoke(undefined, { timeoutInMs: 1 })
    // @ts-expect-error - lines is missing
    void cam1.methods.getLogs.invoke()
    // @ts-expect-error - factor is missing
    void cam1.methods.zoom.invoke()
    // @ts-expect-error - there is no such option
    void cam1.methods.ping.invoke(undefined, { timeout: 1 })
  })
})

describe('actions', () => {
  it('are those of the contract', () => {
    expectTypeOf<keyof typeof cam1.actions>().toEqualTypeOf<'reboot' | 'calibrate' | 'survey' | 'clean' | 'rest'>()
    expectTypeOf<keyof typeof fleet.actions>().toEqualTypeOf<keyof typeof cam1.actions>()
    // @ts-expect-error - not in the contract
    void cam1.actions.restart
    // @ts-expect-error - not in the contract
    void fleet.actions.restart
    // @ts-expect-error - a method is no action
    void cam1.actions.getLogs
  })

  it('take what travels', () => {
    expectTypeOf<Begin<'calibrate'>>().parameter(0).toEqualTypeOf<{ target: number }>()
    expectTypeOf<Begin<'survey'>>().parameter(0).toEqualTypeOf<{ depth: number }>()
    // @ts-expect-error - wrong type
    void cam1.actions.reboot.begin({ delaySeconds: '5' })
    // @ts-expect-error - misnamed member
    void cam1.actions.reboot.begin({ delayInSeconds: 5 })
    // @ts-expect-error - takes no request
    void cam1.actions.rest.begin({ delaySeconds: 5 })
    // @ts-expect-error - target is missing
    void cam1.actions.calibrate.begin()
    // @ts-expect-error - the id is an option, not a member of the request
    void cam1.actions.rest.begin({ operationId: 'op-1' })
    // @ts-expect-error - a Date
    void cam1.actions.rest.begin(undefined, { expiresAt: '2026-01-01' })
    void cam1.actions.reboot.begin()
    void cam1.actions.clean.begin()
    void cam1.actions.rest.begin(undefined, { operationId: 'op-1' })
  })

  it('give a handle of their own', () => {
    expectTypeOf<Begin<'calibrate'>>().returns.resolves.toEqualTypeOf<OperationHandle<Action<'calibrate'>>>()
    expectTypeOf<(typeof cam1.actions.calibrate)['attach']>().returns.resolves.toEqualTypeOf<
      OperationHandle<Action<'calibrate'>>
    >()
    expectTypeOf<(typeof fleet.actions.calibrate)['attach']>().returns.resolves.toEqualTypeOf<
      OperationHandle<Action<'calibrate'>>
    >()
    // @ts-expect-error - of another action
    const other: OperationHandle<Action<'survey'>> = calibration
    void other
  })

  it('tell what was reported, by this library or by other software', async () => {
    const latest = await cam1.actions.calibrate.latest()
    // @ts-expect-error - there may be nothing
    void latest.kind
    if (latest?.kind === 'operation') expectTypeOf(latest.record).toEqualTypeOf<ActionRecord<Action<'calibrate'>>>()
    if (latest?.kind === 'published') {
      expectTypeOf(latest.report.finishedTime).toEqualTypeOf<string | undefined>()
      // @ts-expect-error - a published report has no record
      void latest.record
    }
  })
})

describe('a handle', () => {
  it('has the result of its action, as the schema makes it', () => {
    expectTypeOf<(typeof calibration)['result']>().returns.resolves.toEqualTypeOf<{ at: Date }>()
    expectTypeOf<Awaited<ReturnType<OperationHandle<Action<'survey'>>['result']>>>().toEqualTypeOf<{
      points: number[]
    }>()
    expectTypeOf<Awaited<ReturnType<OperationHandle<Action<'rest'>>['result']>>>().toEqualTypeOf<undefined>()
    expectTypeOf(calibration.record.result).toEqualTypeOf<{ at: Date } | undefined>()
  })

  it('knows the phases of its action', () => {
    expectTypeOf(calibration.record.status).extract<'warming'>().toEqualTypeOf<'warming'>()
    const isMeasuring = calibration.record.status === 'measuring'
    const isRunning = calibration.record.status === 'running'
    // @ts-expect-error - no phase of calibrate
    const isDownloading = calibration.record.status === 'downloading'
    // @ts-expect-error - no state
    const isDone = calibration.record.state === 'done'
    void [isMeasuring, isRunning, isDownloading, isDone]
  })

  it('knows the error codes of its action', () => {
    expectTypeOf(calibration.record.error?.code).toEqualTypeOf<'sensorFault' | OperationErrorCode | undefined>()
    // @ts-expect-error - of another action
    void (calibration.record.error?.code === 'lost')
  })

  it('gives its records by iteration and event', async () => {
    for await (const record of calibration) expectTypeOf(record).toEqualTypeOf<ActionRecord<Action<'calibrate'>>>()
    calibration.on('progress', record => expectTypeOf(record).toEqualTypeOf<ActionRecord<Action<'calibrate'>>>())
    calibration.once('done', record => expectTypeOf(record.result).toEqualTypeOf<{ at: Date } | undefined>())
    calibration.on('error', error => expectTypeOf(error).toBeUnknown())
    // @ts-expect-error - no such event
    calibration.on('finished', () => {})
    // @ts-expect-error - the record cannot be changed
    calibration.record.state = 'running'
  })

  it('is no promise', () => {
    // @ts-expect-error - not thenable
    void calibration.then
  })

  it('of any action can be handled alike', async () => {
    const handles: OperationHandle[] = [calibration, await cam1.actions.rest.begin(), await cam1.actions.reboot.begin()]
    expectTypeOf(handles[0]?.record.status).toEqualTypeOf<string | undefined>()
    const anyAction: ActionClient<Action<'rest'>> = cam1.actions.rest
    const anyMethod: MethodClient<typeof camera.methods.ping> = cam1.methods.ping
    void [anyAction, anyMethod]
  })
})

describe('errors', () => {
  it('of an operation are typed by its handle', () => {
    const error: unknown = undefined
    if (isOperationFailedError(error, calibration)) {
      expectTypeOf(error.code).toEqualTypeOf<'OperationFailed'>()
      expectTypeOf(error.record.error?.code).toEqualTypeOf<'sensorFault' | OperationErrorCode | undefined>()
      // @ts-expect-error - of another action
      void (error.record.error?.code === 'lost')
    }
    if (isOperationFailedError(error)) expectTypeOf(error.record.error?.code).toEqualTypeOf<string | undefined>()
  })

  it('of a refusal are told apart by code', () => {
    const error: unknown = undefined
    if (isRefusedError(error, 'Busy')) expectTypeOf(error.code).toEqualTypeOf<'Busy'>()
    // @ts-expect-error - no such code
    isRefusedError(error, 'Bussy')
  })
})
