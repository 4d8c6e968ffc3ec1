import { describe, expect, it } from 'vitest'
import { checkDeviceId, checkMethodRequest, checkTimeoutInMs } from './check-arguments.ts'

const request = { methodName: 'reboot', payload: null, responseTimeoutInSeconds: 30, connectTimeoutInSeconds: 0 }

describe('checkMethodRequest', () => {
  it.each([
    [5, 0],
    [300, 300],
  ])(
    'takes a response time-out of %i s and a connect time-out of %i s',
    (responseTimeoutInSeconds, connectTimeoutInSeconds) => {
      expect(() => checkMethodRequest({ ...request, responseTimeoutInSeconds, connectTimeoutInSeconds })).not.toThrow()
    },
  )

  it.each([
    [{ responseTimeoutInSeconds: 4 }, 'responseTimeoutInSeconds: expected an integer from 5 to 300, got 4'],
    [{ responseTimeoutInSeconds: 0 }, 'responseTimeoutInSeconds: expected an integer from 5 to 300, got 0'],
    [{ responseTimeoutInSeconds: 301 }, 'responseTimeoutInSeconds: expected an integer from 5 to 300, got 301'],
    [{ responseTimeoutInSeconds: 5.5 }, 'responseTimeoutInSeconds: expected an integer from 5 to 300, got 5.5'],
    [{ connectTimeoutInSeconds: -1 }, 'connectTimeoutInSeconds: expected an integer from 0 to 300, got -1'],
    [{ connectTimeoutInSeconds: Number.NaN }, 'connectTimeoutInSeconds: expected an integer from 0 to 300, got NaN'],
    [
      { connectTimeoutInSeconds: 31 },
      'connectTimeoutInSeconds: expected at most responseTimeoutInSeconds (30), got 31',
    ],
    [{ methodName: '' }, 'methodName: expected a name, got ""'],
  ])('refuses %j', (change, message) => {
    expect(() => checkMethodRequest({ ...request, ...change })).toThrow(new RangeError(message))
  })
})

describe('checkDeviceId', () => {
  it.each(['a', "d-:.+%_#*?!(),=@;$'1", 'x'.repeat(128)])('takes %j', deviceId => {
    expect(() => checkDeviceId(deviceId)).not.toThrow()
  })

  it.each(['', 'a b', 'a/b', 'ü', 'x'.repeat(129)])('refuses %j', deviceId => {
    expect(() => checkDeviceId(deviceId)).toThrow(RangeError)
  })

  it('refuses what is no text, though it would read like an id', () => {
    const ids: readonly unknown[] = [undefined, 7]
    for (const id of ids) expect(() => Reflect.apply(checkDeviceId, undefined, [id])).toThrow(RangeError)
  })
})

describe('checkTimeoutInMs', () => {
  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31])('refuses %d', value => {
    expect(() => checkTimeoutInMs('timeoutInMs', value)).toThrow(/^timeoutInMs: expected a number above 0/)
  })
})
