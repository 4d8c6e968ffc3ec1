import { describe, expect, it } from 'vitest'
import { isSignedBy } from './sas-signature.ts'
import { parseSasToken } from './sas-token.ts'

const longKey = 'c2VjcmV0c2VjcmV0c2VjcmV0'
const shortKey = 'c2VjcmV0'
const mediumKey = 'c2VjcmV0c2VjcmV0'

/** Real tokens of unmodified clients (wire reference 15). */
const vectors = [
  {
    client: 'Node service, plain host',
    token:
      'SharedAccessSignature sr=127.0.0.9&sig=WrelQvrhq1OHO6OBQMWGFIL0t8WSOph9rL4dFRNUlrw%3D&skn=iothubowner&se=1795211146',
    key: longKey,
    resource: '127.0.0.9',
    policyName: 'iothubowner',
  },
  {
    client: 'Node digital twin client, raw host and port',
    token:
      'SharedAccessSignature sr=127.0.0.9:28443&sig=%2B8Z48GLkP2LynoM5oCv9Fo4NUbS%2FCmqzGDx7QKUrpa8%3D&skn=iothubowner&se=1795211174',
    key: shortKey,
    resource: '127.0.0.9:28443',
    policyName: 'iothubowner',
  },
  {
    client: 'Node device, encoded host and port',
    token:
      'SharedAccessSignature sr=127.0.0.9%3A28883%2Fdevices%2Fd1&sig=B3dq2jiKcMs5LxJVJPGe3ecwkdQCmyOb7HFgvU7Fq98%3D&se=1795211231',
    key: longKey,
    resource: '127.0.0.9:28883/devices/d1',
    policyName: undefined,
  },
  {
    client: 'Python device',
    token:
      'SharedAccessSignature sr=127.0.0.9%2Fdevices%2Fd1&sig=8UmCfz7hyeORj%2Bw0WO3Wlt%2B7N4IQtIzevDdP7kF%2BRww%3D&se=1795211408',
    key: longKey,
    resource: '127.0.0.9/devices/d1',
    policyName: undefined,
  },
  {
    client: 'az service',
    token:
      'SharedAccessSignature sr=127.0.0.9%3A28443&sig=MJOEbIyVY8aKbAZ%2Fhk8vY6zelAmbcMArpGcCpf6zeUc%3D&se=1795211564&skn=iothubowner',
    key: longKey,
    resource: '127.0.0.9:28443',
    policyName: 'iothubowner',
  },
  {
    client: 'az device with its own key',
    token:
      'SharedAccessSignature sr=127.0.0.9%3A28443%2Fdevices%2Fd1&sig=%2BygsRB44KrqO1U3DXH6CD73y%2BHCsDCpNSZRrtVvQkJI%3D&se=1795211565',
    key: mediumKey,
    resource: '127.0.0.9:28443/devices/d1',
    policyName: undefined,
  },
] as const

describe('shared access signatures', () => {
  it.each(vectors)('of $client verify with their key and no other', ({ token, key, resource, policyName }) => {
    const parsed = parseSasToken(token)
    expect(parsed).toMatchObject({ resource, policyName })
    expect(parsed && isSignedBy(parsed, key)).toBe(true)
    expect(parsed && isSignedBy(parsed, key === longKey ? shortKey : longKey)).toBe(false)
  })

  it('do not verify when anything that is signed was changed', () => {
    const changed = parseSasToken(vectors[3].token.replace('devices%2Fd1', 'devices%2Fd2'))
    expect(changed && isSignedBy(changed, longKey)).toBe(false)
  })

  it('treat an empty policy name as none', () => {
    expect(parseSasToken('SharedAccessSignature sr=h&sig=YQ%3D%3D&se=1&skn=')).toMatchObject({ policyName: undefined })
  })

  it.each([
    '',
    'Bearer abc',
    'SharedAccessSignature ',
    'SharedAccessSignature sr=h&sig=YQ%3D%3D',
    'SharedAccessSignature sr=h&se=1',
    'SharedAccessSignature sig=YQ%3D%3D&se=1',
    'SharedAccessSignature sr=h&sig=YQ%3D%3D&se=tomorrow',
    'SharedAccessSignature sr=%zz&sig=YQ%3D%3D&se=1',
    'SharedAccessSignature sr=h&sig=%zz&se=1',
  ])('are not found in %s', text => {
    expect(parseSasToken(text)).toBeUndefined()
  })

  it('with a signature of another length do not verify', () => {
    const token = parseSasToken('SharedAccessSignature sr=h&sig=YQ%3D%3D&se=1')
    expect(token && isSignedBy(token, longKey)).toBe(false)
  })
})
