import { execFile } from 'node:child_process'
import { inspect, promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { camera } from '../../../test/camera.ts'
import { json, type Script, startScriptedRestHub } from '../../../test/scripted-rest-hub.ts'
import { systemClock } from '../../clock/clock.ts'
import { FleetClient } from '../../fleet/fleet-client.ts'
import { isHubError } from '../../hub/hub-error.ts'
import type { HubJobRequest, IotHub, MethodRequest } from '../../hub/iot-hub.ts'
import { TwinReadTracker } from '../../tracking/twin-read-tracker.ts'
import { updateTwin } from '../../twin/update-twin.ts'

const call: MethodRequest = {
  methodName: 'reboot',
  payload: null,
  responseTimeoutInSeconds: 5,
  connectTimeoutInSeconds: 2,
}
const twin = {
  deviceId: 'cam-1',
  etag: 'AAAAAAAAAAE=',
  connectionState: 'Connected',
  properties: { desired: {}, reported: {} },
}
const job: HubJobRequest = {
  jobId: 'job/1',
  queryCondition: '*',
  startTime: undefined,
  maxExecutionTimeInSeconds: 60,
  work: { type: 'scheduleDeviceMethod', method: { ...call, payload: 0 } },
}

function fleetOf(hub: IotHub): FleetClient<typeof camera> {
  const tracker = new TwinReadTracker(hub, systemClock, () => 1_000)
  return new FleetClient(camera, { hub, tracker, clock: systemClock, newId: () => 'op-1', random: () => 0 })
}

/** Answers in turn; the last script goes on. */
function inTurn(...scripts: readonly Script[]): Script {
  let turn = 0
  return (response, request) => {
    scripts[Math.min(turn, scripts.length - 1)]?.(response, request)
    turn += 1
  }
}

const nested = (errorCode: number) => ({
  Message: JSON.stringify({ errorCode, message: 'no' }),
  ExceptionMessage: '',
})

// The traps of azure-iothub that docs/sdk-traps-service.md lists, each by its number.
describe('trap 39: the SDK posts a method again for four minutes', () => {
  it.each([500, 503, 429])('%i is one POST, also through the client of a device', async status => {
    await using hub = await startScriptedRestHub(json(status, { Message: 'no' }))
    const { methods } = fleetOf(hub.connect()).getDeviceClient('cam-1')
    await expect(methods.ping.invoke()).rejects.toMatchObject({ httpStatus: status })
    expect(hub.received).toHaveLength(1)
  })

  it('an action is tried again on request, with its id in every POST', async () => {
    const accepted = json(200, { status: 202, payload: { operationId: 'op-1', state: 'accepted' } })
    await using hub = await startScriptedRestHub(inTurn(json(429, { Message: 'slower' }), accepted))
    const { actions } = fleetOf(hub.connect()).getDeviceClient('cam-1')
    const retry = { maxTries: 2, firstDelayInMs: 1 }
    const begun = actions.reboot.begin({}, { retry, totalTimeoutInMs: 60_000 })
    await expect(begun).resolves.toMatchObject({ operationId: 'op-1' })
    const posts = hub.received.filter(({ method }) => method === 'POST')
    expect(posts.map(({ body }) => JSON.parse(body).payload)).toEqual([
      { operationId: 'op-1' },
      { operationId: 'op-1' },
    ])
  })
})

describe('trap 40: the registry and jobs are never tried again, not even on a stale connection', () => {
  it('the failure says that it may pass, and a query goes on by itself', async () => {
    await using hub = await startScriptedRestHub(
      inTurn(
        json(200, twin),
        response => response.socket?.destroy(),
        json(429, {}, { 'Retry-After': '0' }),
        json(200, []),
      ),
    )
    const client = hub.connect()
    await client.getTwin('cam-1')
    await expect(client.getTwin('cam-1')).rejects.toMatchObject({ code: 'HubUnavailable', retryable: true })
    const rows = []
    for await (const row of fleetOf(client).queryRows('SELECT * FROM devices')) rows.push(row)
    expect(rows).toEqual([])
    expect(hub.received).toHaveLength(4)
  })
})

describe('trap 41: time-outs do nothing', () => {
  it('every kind of call ends in its time', async () => {
    await using hub = await startScriptedRestHub(() => {})
    const client = hub.connect()
    const timeoutInMs = 100
    for (const waiting of [
      client.invokeMethod('cam-1', call, { timeoutInMs }),
      client.getTwin('cam-1', { timeoutInMs }),
      client.patchTwin('cam-1', {}, { timeoutInMs }),
      client.query('SELECT * FROM devices', { timeoutInMs }),
      client.createJob(job, { timeoutInMs }),
      client.listConfigurations({ timeoutInMs }),
    ]) {
      await expect(waiting).rejects.toMatchObject({ code: 'HubTimeout' })
    }
  })
})

describe('trap 42: many errors are plain or wrong', () => {
  it.each([
    [400, { Message: 'ErrorCode:ArgumentInvalid;no' }, 'InvalidHubRequest'],
    [401, { Message: 'ErrorCode:IotHubUnauthorizedAccess;no' }, 'Unauthorized'],
    [403, nested(403_002), 'QuotaExceeded'],
    [403, { Message: 'forbidden' }, 'Unauthorized'],
    [404, { Message: 'ErrorCode:DeviceNotFound;no' }, 'DeviceNotFound'],
    [404, { Message: 'ErrorCode:DeviceNotOnline;no' }, 'DeviceOffline'],
    [404, nested(404_103), 'DeviceOffline'],
    [404, nested(404_001), 'DeviceNotFound'],
    [404, nested(404_301), 'ConfigurationNotFound'],
    [409, nested(409_104), 'AlreadyExists'],
    [412, { Message: 'ErrorCode:PreconditionFailed;no' }, 'PreconditionFailed'],
    [413, { Message: 'large' }, 'PayloadTooLarge'],
    [429, { Message: 'slower' }, 'Throttled'],
    [500, { Message: 'no' }, 'HubUnavailable'],
    [502, { Message: 'no' }, 'HubUnavailable'],
    [504, nested(504_101), 'DeviceTimeout'],
  ])('%i %j is %s', async (status, body, code) => {
    await using hub = await startScriptedRestHub(json(status, body))
    await expect(hub.connect().invokeMethod('cam-1', call)).rejects.toMatchObject({ code, httpStatus: status })
  })
})

describe('trap 43: printing an error prints a token', () => {
  it('an error holds no token, and can be printed as JSON', async () => {
    await using hub = await startScriptedRestHub(json(404, { Message: 'no' }))
    const error: unknown = await hub
      .connect()
      .invokeMethod('cam-1', call)
      .catch((reason: unknown) => reason)
    const printed = inspect(error, { depth: 10 }) + JSON.stringify(error)
    expect(printed).toContain('cam-1')
    expect(printed).not.toMatch(/SharedAccessSignature|sig=|Authorization/i)
  })
})

describe('trap 44: the classes of errors cannot be had', () => {
  it('a guard tells them apart, whichever copy of the package made them', async () => {
    await using hub = await startScriptedRestHub(json(429, { Message: 'slower' }))
    const error: unknown = await hub
      .connect()
      .getTwin('cam-1')
      .catch((reason: unknown) => reason)
    expect([isHubError(error), isHubError(error, 'Throttled'), isHubError(error, 'DeviceOffline')]).toEqual([
      true,
      true,
      false,
    ])
  })
})

describe('trap 46: answers that are not expected end the process', () => {
  it('rows of any shape are rows, and what is no twin is an error', async () => {
    await using hub = await startScriptedRestHub(
      inTurn(json(200, [{ total: 5 }]), response => response.writeHead(200).end(), json(200, 'a page')),
    )
    const client = hub.connect()
    await expect(client.query('SELECT COUNT() AS total FROM devices')).resolves.toMatchObject({ rows: [{ total: 5 }] })
    await expect(client.getTwin('cam-1')).rejects.toMatchObject({ code: 'InvalidHubAnswer' })
    await expect(client.getTwin('cam-1')).rejects.toMatchObject({ code: 'InvalidHubAnswer' })
  })
})

describe('trap 47: letters are torn apart', () => {
  it('letters whose bytes come apart are whole', async () => {
    const body = Buffer.from(JSON.stringify({ ...twin, tags: { city: '東京' } }))
    const cut = body.indexOf(Buffer.from('京')) + 1
    await using hub = await startScriptedRestHub(response => {
      response.writeHead(200, { 'Content-Type': 'application/json' })
      response.write(body.subarray(0, cut), () => setImmediate(() => response.end(body.subarray(cut))))
    })
    await expect(hub.connect().getTwin('cam-1')).resolves.toMatchObject({ tags: { city: '東京' } })
  })
})

describe('trap 48: arguments are changed, and limits not checked', () => {
  it('a frozen request is sent as it is, and one outside the limits is not sent', async () => {
    await using hub = await startScriptedRestHub(json(200, { status: 200, payload: null }))
    const client = hub.connect()
    for (const payload of [0, false, '', null]) await client.invokeMethod('cam-1', Object.freeze({ ...call, payload }))
    expect(hub.received.map(({ body }) => JSON.parse(body).payload)).toEqual([0, false, '', null])
    for (const wrong of [
      { responseTimeoutInSeconds: 0 },
      { responseTimeoutInSeconds: 301 },
      { connectTimeoutInSeconds: -1 },
    ]) {
      await expect(client.invokeMethod('cam-1', { ...call, ...wrong })).rejects.toThrow(RangeError)
    }
    expect(hub.received).toHaveLength(4)
  })
})

describe('trap 49: jobs lose what they are given', () => {
  it('payload and time-outs are sent, and no start that is null; ids are escaped; the words for the state are those of the hub', async () => {
    const told = { jobId: 'job/1', type: 'scheduleDeviceMethod', status: 'completed' }
    await using hub = await startScriptedRestHub(json(200, told))
    const client = hub.connect()
    await expect(client.createJob(job)).resolves.toMatchObject({ status: 'completed' })
    await client.getJob('job/1')
    await client.cancelJob('job/1')
    expect(hub.received.map(({ method, url }) => [method, url.split('?')[0]])).toEqual([
      ['PUT', '/jobs/v2/job%2F1'],
      ['GET', '/jobs/v2/job%2F1'],
      ['POST', '/jobs/v2/job%2F1/cancel'],
    ])
    const sent: unknown = JSON.parse(hub.received[0]?.body ?? '')
    expect(sent).not.toHaveProperty('startTime')
    expect(sent).toMatchObject({
      maxExecutionTimeInSeconds: 60,
      cloudToDeviceMethod: { payload: 0, responseTimeoutInSeconds: 5, connectTimeoutInSeconds: 2 },
    })
  })
})

describe('trap 50: results have four shapes', () => {
  it('every call gives the value itself', async () => {
    await using hub = await startScriptedRestHub(
      inTurn(json(200, twin), json(200, { status: 200, payload: 5 }), json(200, [{ deviceId: 'cam-1' }])),
    )
    const client = hub.connect()
    expect((await client.getTwin('cam-1')).etag).toBe('AAAAAAAAAAE=')
    expect(await client.invokeMethod('cam-1', call)).toEqual({ status: 200, payload: 5 })
    expect((await client.query('SELECT deviceId FROM devices')).rows).toEqual([{ deviceId: 'cam-1' }])
  })
})

describe('trap 51: thousands of connections, none of which can be closed', () => {
  it('all kinds of calls share at most 32, and close() ends them', async () => {
    await using hub = await startScriptedRestHub((response, request) =>
      json(200, request.url.includes('/query') ? [] : twin)(response, request),
    )
    const client = hub.connect()
    await Promise.all(
      Array.from({ length: 300 }, (_, index) =>
        index % 2 === 0 ? client.getTwin('cam-1') : client.query('SELECT * FROM devices'),
      ),
    )
    expect(hub.connections()).toBeLessThanOrEqual(32)
    client.close()
    await hub.disconnected()
  })
})

describe('trap 53: nothing helps to write a twin together', () => {
  it('a change is read, made and written again when somebody else was faster', async () => {
    await using hub = await startScriptedRestHub(
      inTurn(json(200, twin), json(412, { Message: 'ErrorCode:PreconditionFailed;no' }), json(200, twin)),
    )
    await updateTwin(hub.connect(), 'cam-1', ({ etag }) => ({ tags: { after: etag } }))
    expect(hub.received.map(({ method, headers }) => [method, headers['if-match']])).toEqual([
      ['GET', undefined],
      ['PATCH', '"AAAAAAAAAAE="'],
      ['GET', undefined],
      ['PATCH', '"AAAAAAAAAAE="'],
    ])
  })
})

describe('trap 54: every client carries AMQP', () => {
  it('the package loads none of it', async () => {
    const adapter = new URL('azure-iot-hub.ts', import.meta.url).href
    const script = `
      import { Module } from 'node:module'
      await import(${JSON.stringify(adapter)})
      console.log(JSON.stringify(Object.keys(Module._cache).filter(path => /node_modules.(azure|rhea|@azure)/.test(path))))`
    const flags = ['--conditions=@iothub-dm/source', '--import', 'tsx', '--input-type=module', '--eval', script]
    const { stdout } = await promisify(execFile)(process.execPath, flags)
    const loaded: unknown = JSON.parse(stdout)
    expect(loaded).toContainEqual(expect.stringContaining('rest_api_client'))
    expect(loaded).not.toContainEqual(expect.stringMatching(/rhea|amqp|azure-iothub.dist.client\.js/))
  }, 20_000)
})
