import type { DurableCodec } from '../durable/durable-table.ts'
import { JsonReader } from '../durable/read-json.ts'
import type { JsonObject } from '../json/json.ts'
import type { Authentication } from './authentication.ts'
import type { DeviceIdentity } from './device-identity.ts'
import type { ModuleIdentity } from './module-identity.ts'
import { readKeyPair } from './symmetric-key-codec.ts'

/** How a device identity is stored. */
export const deviceIdentityCodec: DurableCodec<DeviceIdentity> = {
  encode: ({ authentication, statusUpdatedAt, ...device }) => ({
    ...device,
    ...(statusUpdatedAt === undefined ? {} : { statusUpdatedAt }),
    authentication: encodeAuthentication(authentication),
  }),
  decode: value => {
    const device = new JsonReader(value)
    return {
      deviceId: device.string('deviceId'),
      generationId: device.string('generationId'),
      etag: device.string('etag'),
      status: device.oneOf('status', ['enabled', 'disabled']),
      statusReason: device.stringOrNull('statusReason'),
      statusUpdatedAt: device.numberOrUndefined('statusUpdatedAt'),
      iotEdge: device.boolean('iotEdge'),
      deviceScope: device.stringOrNull('deviceScope'),
      parentScopes: device.strings('parentScopes'),
      authentication: readAuthentication(device.reader('authentication')),
    }
  },
}

/** How a module identity is stored. */
export const moduleIdentityCodec: DurableCodec<ModuleIdentity> = {
  encode: ({ authentication, ...module }) => ({ ...module, authentication: encodeAuthentication(authentication) }),
  decode: value => {
    const module = new JsonReader(value)
    return {
      deviceId: module.string('deviceId'),
      moduleId: module.string('moduleId'),
      generationId: module.string('generationId'),
      etag: module.string('etag'),
      managedBy: module.stringOrNull('managedBy'),
      authentication: readAuthentication(module.reader('authentication')),
    }
  },
}

function encodeAuthentication(authentication: Authentication): JsonObject {
  switch (authentication.type) {
    case 'sas':
      return { type: 'sas', symmetricKey: { ...authentication.symmetricKey } }
    case 'selfSigned':
      return { type: 'selfSigned', x509Thumbprint: { ...authentication.x509Thumbprint } }
    case 'certificateAuthority':
    case 'none':
      return { type: authentication.type }
  }
}

function readAuthentication(authentication: JsonReader): Authentication {
  const type = authentication.oneOf('type', ['sas', 'selfSigned', 'certificateAuthority', 'none'])
  switch (type) {
    case 'sas':
      return { type, symmetricKey: readKeyPair(authentication.reader('symmetricKey')) }
    case 'selfSigned': {
      const thumbprint = authentication.reader('x509Thumbprint')
      return {
        type,
        x509Thumbprint: {
          primaryThumbprint: thumbprint.stringOrNull('primaryThumbprint'),
          secondaryThumbprint: thumbprint.stringOrNull('secondaryThumbprint'),
        },
      }
    }
    case 'certificateAuthority':
    case 'none':
      return { type }
  }
}
