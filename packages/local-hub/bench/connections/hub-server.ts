import { startLocalHub } from '../../src/index.ts'
import { inOneHour, parseConnectionString, signSas } from '../../test/sas.ts'
import { reportTo } from './server-process.ts'

const hub = await startLocalHub()
for (let index = 0; index < Number(process.argv[2]); index += 1) await hub.createDevice(`d${index}`)
const { SharedAccessKey: key = '' } = parseConnectionString(hub.connectionString())
const token = signSas({ sr: hub.hostName, se: inOneHour(), key, skn: 'iothubowner' })
reportTo({
  hostName: hub.hostName,
  mqttPort: hub.mqttEndpoint.port,
  httpsPort: hub.httpsEndpoint.port,
  ca: hub.caCertificate,
  deviceToken: token,
  serviceToken: token,
})
