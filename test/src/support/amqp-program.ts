// An unchanged back end that does what needs AMQP: prints the name of each error.
import service from 'azure-iothub'

const { SERVICE_CONNECTION_STRING: connectionString = '' } = process.env
const transport = process.env.TRANSPORT === 'AmqpWs' ? service.AmqpWs : service.Amqp
const newClient = (): service.Client => service.Client.fromConnectionString(connectionString, transport)
const calls = [
  () => newClient().open(),
  () => newClient().send('d1', 'wake up'),
  () => newClient().getFeedbackReceiver(),
  () => newClient().getFileNotificationReceiver(),
]

for (const call of calls) {
  const error: unknown = await call().catch((cause: unknown) => cause)
  process.stdout.write(`${error instanceof Error ? error.name : 'no error'}\n`)
}
