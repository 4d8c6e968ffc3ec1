import { startLocalHub } from '../../src/index.ts'
import { inOneHour, parseConnectionString, signSas } from '../../test/sas.ts'
import { reportTo } from './server-process.ts'

const hub = await startLocalHub()
const primaryKey = Buffer.alloc(32, 'primary').toString('base64')
const secondaryKey = Buffer.alloc(32, 'secondary').toString('base64')
for (let index = 0; index < Number(process.argv[2]); index += 1) {
  await hub.createDevice(`d${index}`, { symmetricKey: { primaryKey, secondaryKey } })
}
const { SharedAccessKey: key = '' } = parseConnectionString(hub.connectionString())
reportTo({
  hostName: hub.hostName,
  mqttPort: hub.mqttEndpoint.port,
  httpsPort: hub.httpsEndpoint.port,
  ca: hub.caCertificate,
  deviceKey: primaryKey,
  serviceToken: signSas({ sr: hub.hostName, se: inOneHour(), key, skn: 'iothubowner' }),
})
