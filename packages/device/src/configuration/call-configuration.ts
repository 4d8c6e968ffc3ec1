import { type JsonValue, validate } from '@iothub-dm/protocol'
import type { ConfigurationContext } from '../implementation/handlers.ts'
import type { BoundConfiguration } from '../implementation/implement.ts'

/** Whose handler is called, and who hears of what goes wrong. */
export interface CalledConfiguration {
  readonly name: string
  readonly configuration: BoundConfiguration
  /** Aborted when the agent closes. */
  readonly closing: AbortSignal
  readonly onError: (error: unknown) => void
}

/** A call of the handler of a configuration. */
export interface ConfigurationCall extends Pick<ConfigurationContext, 'version' | 'attempt' | 'isPutBack'> {
  /** As the handler gets it; undefined: nothing is desired, or nothing any more. */
  readonly desired: unknown
  /** What is in use so far, as a back end has set it. */
  readonly previous: JsonValue | undefined
}

/** How a call of a handler ended; `closing`: it was cut off in good order. */
export type ConfigurationCallEnd = 'applied' | 'failed' | 'closing'

/**
 * Calls the handler of a configuration.
 *
 * @param abort given to the handler as its signal; aborted when a newer value is waiting, and when the agent closes
 * @returns how it ended; never rejects
 */
export async function callConfiguration(
  { name, configuration, closing, onError }: CalledConfiguration,
  { desired, previous, ...context }: ConfigurationCall,
  abort: AbortController,
): Promise<ConfigurationCallEnd> {
  const onClose = (): void => abort.abort(closing.reason)
  closing.addEventListener('abort', onClose)
  if (closing.aborted) onClose()
  try {
    const signal = abort.signal
    await configuration.handle(desired, { ...context, previous: toOutput(name, configuration, previous), signal })
    return 'applied'
  } catch (error) {
    if (closing.aborted) return 'closing'
    if (error !== abort.signal.reason) onError(error)
    return 'failed'
  } finally {
    closing.removeEventListener('abort', onClose)
  }
}

/** A value as a handler sees it; undefined when it breaks the schema of the software now running. */
export function toOutput(name: string, { definition }: BoundConfiguration, value: JsonValue | undefined): unknown {
  if (value === undefined) return undefined
  try {
    const validation = validate(definition.schema, value, `configuration '${name}'`)
    return validation.valid ? validation.value : undefined
  } catch {
    return undefined
  }
}
