import type { Agent } from 'node:https'
import { refuseAmqp } from './refuse-amqp.ts'

/** The part of the official REST client that takes an agent. It is internal there, but the only way in. */
interface AgentTaker {
  setOptions(options: { readonly http: { readonly agent: Agent } }): void
}

/** What a generated client has a list of: each makes a policy, which sees every request before it is sent. Internal, too. */
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
  const policies = requestPoliciesOf(Reflect.get<object, string>(client, '_pl'))
  if (takesAgent(rest)) rest.setOptions({ http: { agent } })
  else if (policies !== undefined) policies.push(agentPolicyFactory(agent))
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

function requestPoliciesOf(generated: unknown): RequestPolicyFactory[] | undefined {
  if (typeof generated !== 'object' || generated === null) return undefined
  const policies: unknown = Reflect.get<object, string>(generated, '_requestPolicyFactories')
  return Array.isArray(policies) ? policies : undefined
}

function notAServiceClient(client: object): TypeError {
  const expected = 'a Registry, Client, JobClient or DigitalTwinClient of azure-iothub'
  return new TypeError(`client: expected ${expected}, got an instance of ${client.constructor.name}`)
}
