import type { Agent } from 'node:https'
import { refuseAmqp } from './refuse-amqp.ts'

/** The part of the official REST client that takes an agent. It is internal there, but the only way in. */
interface AgentTaker {
  setOptions(options: { readonly http: { readonly agent: Agent } }): void
}

/** The part of a generated client that takes policies, which see every request before it is sent. Internal, too. */
interface PolicyTaker {
  readonly _requestPolicyFactories: RequestPolicyFactory[]
}

interface RequestPolicyFactory {
  create(next: RequestPolicy): RequestPolicy
}

interface RequestPolicy {
  sendRequest(request: { agentSettings?: { readonly http: Agent; readonly https: Agent } }): Promise<unknown>
}

/**
 * Makes an official service client (`Registry`, `Client`, `JobClient`, `DigitalTwinClient` of azure-iothub) send its requests by an
 * agent. What a `Client` would do over AMQP is refused from now on, clearly and at once.
 *
 * @throws TypeError when the object is none of these.
 */
export function routeServiceClient<TClient extends object>(client: TClient, agent: Agent): TClient {
  const rest: unknown = Reflect.get<object, string>(client, '_restApiClient')
  const generated: unknown = Reflect.get<object, string>(client, '_pl')
  if (takesAgent(rest)) rest.setOptions({ http: { agent } })
  else if (takesPolicies(generated)) generated._requestPolicyFactories.push(agentPolicyFactory(agent))
  else throw notAServiceClient(client)
  const amqp: unknown = Reflect.get<object, string>(client, '_transport')
  if (typeof amqp === 'object' && amqp !== null) refuseAmqp(amqp)
  return client
}

function agentPolicyFactory(agent: Agent): RequestPolicyFactory {
  return {
    create: next => ({
      sendRequest: request =>
        next.sendRequest(Object.assign(request, { agentSettings: { http: agent, https: agent } })),
    }),
  }
}

function takesAgent(value: unknown): value is AgentTaker {
  return typeof value === 'object' && value !== null && 'setOptions' in value && typeof value.setOptions === 'function'
}

function takesPolicies(value: unknown): value is PolicyTaker {
  return (
    typeof value === 'object' &&
    value !== null &&
    '_requestPolicyFactories' in value &&
    Array.isArray(value._requestPolicyFactories)
  )
}

function notAServiceClient(client: object): TypeError {
  const expected = 'a Registry, Client, JobClient or DigitalTwinClient of azure-iothub'
  return new TypeError(`client: expected ${expected}, got an instance of ${client.constructor.name}`)
}
