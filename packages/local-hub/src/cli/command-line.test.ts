import { describe, expect, it } from 'vitest'
import { parseCommandLine } from './command-line.ts'
import { escapeText } from './escape-text.ts'
import { eventLine } from './event-line.ts'

const parse = (line: string): ReturnType<typeof parseCommandLine> => parseCommandLine(line.split(' '))

describe('a command line', () => {
  it('starts a hub', () => {
    expect(
      parse(
        'start --device a --device b --https-port 0 --mqtt-port 18883 --tier s1:2 --configuration-period 0.5 --device-ca f --query-lag 2 --accept-bearer-tokens --verbose',
      ),
    ).toEqual({
      name: 'start',
      options: {
        deviceIds: ['a', 'b'],
        data: undefined,
        httpsPort: 0,
        mqttPort: 18_883,
        host: undefined,
        hostName: undefined,
        tier: { name: 'S1', units: 2 },
        caFile: undefined,
        deviceCaFiles: ['f'],
        configurationPeriodInMs: 500,
        queryLagInMs: 2000,
        acceptBearerTokens: true,
        verbose: true,
      },
    })
  })

  it('exports and imports', () => {
    expect(parse('export --data d')).toEqual({ name: 'export', data: 'd' })
    expect(parse('import --data d -')).toEqual({ name: 'import', data: 'd', file: '-' })
  })

  it.each([
    ['help', 'help'],
    ['start --help', 'help'],
    ['--version', 'version'],
  ])("'%s' tells", (line, name) => {
    expect(parse(line)).toEqual({ name })
    expect(parseCommandLine([])).toEqual({ name: 'help' })
  })

  it.each([
    ['serve', "unknown command 'serve'"],
    ['start now', "unexpected argument 'now'"],
    ['start --https-port x', "--https-port: expected a port from 0 to 65535, got 'x'"],
    ['start --mqtt-port 65536', '--mqtt-port: expected'],
    ['start --tier B1', '--tier: expected F1, S1, S2, S3'],
    ['start --configuration-period 0', '--configuration-period: expected a number of seconds above 0'],
    ['start --configuration-period 5m', '--configuration-period: expected'],
    ['start --colour', "Unknown option '--colour'"],
    ['export', '--data: expected'],
    ['import --data d', 'import: expected the file'],
  ])("'%s' is refused", (line, message) => {
    expect(() => parse(line)).toThrow(message)
  })
})

describe('a line of the log', () => {
  it('shows a request', () => {
    const event = {
      type: 'requestAnswered',
      method: 'GET',
      path: '/twins/d1',
      status: 200,
      durationInMs: 1.26,
    } as const
    expect(eventLine(event, 0)).toBe(
      '1970-01-01T00:00:00.000Z requestAnswered method=GET path=/twins/d1 status=200 1.3 ms',
    )
  })

  it('shows no payload and no properties', () => {
    const secret = { key: 'secret' }
    expect(eventLine({ type: 'desiredChanged', deviceId: 'd1', patch: secret, version: 2 }, 0)).not.toContain('secret')
    const method = { type: 'methodInvoked', deviceId: 'd1', requestId: '1', methodName: 'm', payload: secret } as const
    expect(eventLine(method, 0)).not.toContain('secret')
  })

  it('cannot be forged, cut or coloured by what clients send', () => {
    const event = { type: 'accessRefused', client: 'a\r\nb\u001B[2J\u202E\u2028', reason: 'malformedUserName' } as const
    expect(eventLine(event, 0)).toContain('client=a\\u{d}\\u{a}b\\u{1b}[2J\\u{202e}\\u{2028} reason=malformedUserName')
    expect(escapeText('x'.repeat(10_000)).length).toBeLessThan(600)
  })
})
