import type { JsonObject } from '@iothub-dm/protocol'
import type { HubConnectionError } from '../src/connection/errors.ts'
import type { HubLink, HubLinkListener } from '../src/connection/hub-link.ts'

const twin = { desired: {}, desiredVersion: 1, reported: {}, reportedVersion: 1 }

/** Test support: a link whose life a test decides. */
export class SimulatedLink implements HubLink {
  readonly #listener: HubLinkListener
  #over = false

  constructor(listener: HubLinkListener) {
    this.#listener = listener
  }

  /** The session begins, unless the link was closed meanwhile. */
  begin(): void {
    if (!this.#over) this.#listener.onSession()
  }

  /** The link ends by itself, unless it was closed before. */
  end(reason: HubConnectionError): void {
    if (this.#over) return
    this.#over = true
    this.#listener.onEnd(reason)
  }

  readTwin = async (): Promise<typeof twin> => twin
  updateReported = async (_patch: JsonObject): Promise<number> => 2

  close = async (): Promise<void> => {
    this.#over = true
  }
}
