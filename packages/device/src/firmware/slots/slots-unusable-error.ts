import { IotHubDmError } from '@iothub-dm/protocol'

/** Thrown when a folder of slots holds nothing that could be started. */
export class SlotsUnusableError extends IotHubDmError<'SlotsUnusable'> {
  override readonly name = 'SlotsUnusableError'
  /** The folder. */
  readonly path: string

  constructor(path: string) {
    super('SlotsUnusable', `the folder of slots ${path} has none that is current`)
    this.path = path
  }
}
