import type { InputOf, OutputOf, Schema } from '../schema/standard-schema.ts'

/**
 * A plain direct method: request in, response out, done. Made by {@link method}.
 */
export interface MethodDefinition<
  TRequest extends Schema | undefined = Schema | undefined,
  TResponse extends Schema | undefined = Schema | undefined,
> {
  readonly kind: 'method'
  /** Schema of the request payload; undefined: the method takes none. */
  readonly request: TRequest
  /** Schema of the response payload; undefined: the method returns none. */
  readonly response: TResponse
}

/** Options of {@link method}. */
export interface MethodOptions<TRequest extends Schema | undefined, TResponse extends Schema | undefined> {
  /** Schema of the request payload. Left out: the method takes none. */
  readonly request?: TRequest | undefined
  /** Schema of the response payload. Left out: the method returns none. */
  readonly response?: TResponse | undefined
}

/**
 * Describes a plain direct method. Its payloads travel as they are, so any tool can call it.
 *
 * @param options schemas of request and response
 * @returns a frozen value
 * @example
 * ```ts
 * const getLogs = method({ request: v.object({ lines: v.number() }), response: v.array(v.string()) })
 * ```
 */
// NoInfer: inside a contract, the type that is expected there must not fill in for an option that was left out.
export function method<
  TRequest extends Schema | undefined = undefined,
  TResponse extends Schema | undefined = undefined,
>(options?: MethodOptions<TRequest, TResponse>): MethodDefinition<NoInfer<TRequest>, NoInfer<TResponse>>
export function method(options: MethodOptions<Schema | undefined, Schema | undefined> = {}): MethodDefinition {
  return Object.freeze({ kind: 'method', request: options.request, response: options.response })
}

/** What a caller passes to a method. */
export type MethodRequestInput<TMethod extends MethodDefinition> = InputOf<TMethod['request']>
/** What the handler of a method receives. */
export type MethodRequestOutput<TMethod extends MethodDefinition> = OutputOf<TMethod['request']>
/** What the handler of a method returns. */
export type MethodResponseInput<TMethod extends MethodDefinition> = InputOf<TMethod['response']>
/** What the caller of a method gets. */
export type MethodResponseOutput<TMethod extends MethodDefinition> = OutputOf<TMethod['response']>
