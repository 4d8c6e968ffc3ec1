import type { Agent } from 'node:https'

/** The part of the official REST client that takes an agent. It is internal there, but the only way in. */
interface AgentTaker {
  setOptions(options: { readonly http: { readonly agent: Agent } }): void
}

/**
 * Makes an official service client (`Registry`, `Client`, `JobClient` of azure-iothub) send its requests by an agent.
 *
 * @throws TypeError when the object is none of these.
 */
export function routeServiceClient<TClient extends object>(client: TClient, agent: Agent): TClient {
  const rest: unknown = Reflect.get<object, string>(client, '_restApiClient')
  if (!takesAgent(rest)) {
    throw new TypeError(
      `client: expected a Registry, Client or JobClient of azure-iothub, got an instance of ${client.constructor.name}`,
    )
  }
  rest.setOptions({ http: { agent } })
  return client
}

function takesAgent(value: unknown): value is AgentTaker {
  return typeof value === 'object' && value !== null && 'setOptions' in value && typeof value.setOptions === 'function'
}
