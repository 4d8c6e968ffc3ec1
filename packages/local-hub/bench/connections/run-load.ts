import { once } from 'node:events'
import { Agent, request } from 'node:https'
import { connect as connectTls, createSecureContext, type SecureContext } from 'node:tls'
import { BenchDevice } from './bench-device.ts'
import { type ServerAddress, ServerProcess } from './server-process.ts'

/** How one step of a load went. */
export interface StepResult {
  readonly perSecond: number
  readonly p50InMs: number
  readonly p99InMs: number
  /** Of the server, for one operation. */
  readonly cpuInMicroseconds: number
}

/** How a server did. */
export interface LoadResult {
  /** A TLS handshake, and nothing more: what bounds the rate of connections. */
  readonly handshake: StepResult
  /** Connect, subscribe, read the twin. */
  readonly connect: StepResult
  /** Read the twin again, over the connection that is there. */
  readonly twin: StepResult
  readonly method: StepResult
  /** Of the server, for one connection. */
  readonly memoryInBytes: number
}

const parallelConnects = 20
const parallelCalls = 32
const callsPerDevice = 5
const warmUpCount = 500

/** Connects many devices to a server, then calls a method on each. */
export async function runLoad(serverName: string, deviceCount: number): Promise<LoadResult> {
  await using server = await ServerProcess.start(serverName, warmUpCount + deviceCount)
  const secureContext = createSecureContext({ ca: server.address.ca })
  const ids = Array.from({ length: warmUpCount + deviceCount }, (_, index) => `d${index}`)
  const firstIds = ids.splice(0, warmUpCount)
  const agent = new Agent({ keepAlive: true, maxSockets: parallelCalls, ca: server.address.ca })
  const devices = new Map<string, BenchDevice>()
  const shakeHandsOnce = (): Promise<void> => shakeHands(server.address, secureContext)
  const connectAs = async (id: string): Promise<void> => {
    devices.set(id, await BenchDevice.connect(server.address, secureContext, id))
  }
  const readTwinOf = async (id: string): Promise<void> => devices.get(id)?.readTwin()
  const callMethodOf = (id: string): Promise<void> => callMethod(server.address, agent, id)
  // A server that has just started is busy compiling itself. These devices stay connected: their end would cost it something, too.
  for (const act of [shakeHandsOnce, connectAs]) await inParallel(firstIds, parallelConnects, act)
  for (const act of [readTwinOf, callMethodOf]) await inParallel(repeated(firstIds), parallelCalls, act)
  const handshake = await step(server, ids, parallelConnects, shakeHandsOnce)
  const before = await server.memoryInBytes()
  const connect = await step(server, ids, parallelConnects, connectAs)
  const after = await server.memoryInBytes()
  const twin = await step(server, repeated(ids), parallelCalls, readTwinOf)
  const method = await step(server, repeated(ids), parallelCalls, callMethodOf)
  agent.destroy()
  for (const device of devices.values()) device.close()
  return { handshake, connect, twin, method, memoryInBytes: (after - before) / deviceCount }
}

function repeated(ids: readonly string[]): readonly string[] {
  return Array.from({ length: callsPerDevice }, () => ids).flat()
}

async function step(
  server: ServerProcess,
  ids: readonly string[],
  parallel: number,
  act: (id: string) => Promise<void>,
): Promise<StepResult> {
  const before = await server.cpuInMicroseconds()
  const durations: number[] = []
  const startedAt = performance.now()
  await inParallel(ids, parallel, async id => {
    const begunAt = performance.now()
    await act(id)
    durations.push(performance.now() - begunAt)
  })
  const elapsedInMs = performance.now() - startedAt
  const after = await server.cpuInMicroseconds()
  durations.sort((a, b) => a - b)
  return {
    perSecond: (ids.length / elapsedInMs) * 1000,
    p50InMs: durations[Math.floor(durations.length * 0.5)] ?? 0,
    p99InMs: durations[Math.floor(durations.length * 0.99)] ?? 0,
    cpuInMicroseconds: (after - before) / ids.length,
  }
}

async function inParallel(ids: readonly string[], parallel: number, act: (id: string) => Promise<void>): Promise<void> {
  const queue = ids.values()
  const worker = async (): Promise<void> => {
    for (const id of queue) await act(id)
  }
  await Promise.all(Array.from({ length: parallel }, worker))
}

async function shakeHands({ hostName, mqttPort: port }: ServerAddress, secureContext: SecureContext): Promise<void> {
  const socket = connectTls({ host: '127.0.0.1', port, secureContext, servername: hostName })
  await once(socket, 'secureConnect')
  socket.destroy()
}

function callMethod(address: ServerAddress, agent: Agent, deviceId: string): Promise<void> {
  const { hostName, httpsPort: port, serviceToken: authorization } = address
  const headers = { authorization, 'content-type': 'application/json' }
  const path = `/twins/${deviceId}/methods?api-version=2021-04-12`
  return new Promise((resolve, reject) => {
    const call = request(
      { host: '127.0.0.1', port, servername: hostName, method: 'POST', path, headers, agent },
      response => {
        response
          .resume()
          .on('end', () => (response.statusCode === 200 ? resolve() : reject(new Error(`HTTP ${response.statusCode}`))))
      },
    )
    call.on('error', reject)
    call.end('{"methodName":"ping","payload":null,"responseTimeoutInSeconds":30}')
  })
}
