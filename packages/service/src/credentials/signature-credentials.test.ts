import { describe, expect, it } from 'vitest'
import { signatureCredentials } from './signature-credentials.ts'

const signature = 'SharedAccessSignature sr=my-hub.azure-devices.net&sig=c2VjcmV0%3D&se=1900000000&skn=service'

describe('a shared access signature', () => {
  it('tells its hub, and is used as it is', () => {
    const credentials = signatureCredentials(signature)
    expect(credentials.hostName).toBe('my-hub.azure-devices.net')
    expect(credentials.authorization()).toBe(signature)
  })

  it.each([
    '',
    'HostName=my-hub;SharedAccessKeyName=a;SharedAccessKey=c2VjcmV0',
    signature.replace('&skn=service', ''),
    signature.replace('sig=c2VjcmV0%3D&', ''),
    signature.replace('sr=my-hub.azure-devices.net', 'sr=%2F'),
    `${signature}\r\nX-Injected: 1`,
  ])('is refused without a word of its secret: %#', text => {
    const refuse = () => signatureCredentials(text)
    expect(refuse).toThrow(expect.objectContaining({ code: 'InvalidConnectionString' }))
    expect(refuse).not.toThrow('c2VjcmV0')
  })
})
