import type { JsonObject } from '@iothub-dm/protocol'

/** A part of the reported properties that has an owner: the operations, the configurations. */
export interface ReportedPart {
  /**
   * What is to be reported now. Pure.
   *
   * @param reported the reported properties as the hub has them
   */
  draft(reported: JsonObject): ReportDraft
}

/** What a {@link ReportedPart} wants the hub to have. */
export interface ReportDraft {
  /**
   * Merge patches of the reported properties: the full one, then smaller ones for the case that the hub refuses the one before.
   * undefined: the hub has everything.
   */
  readonly patches: readonly (JsonObject | undefined)[]
  /**
   * Called once the hub has what was drafted.
   *
   * @param sent the patch that was sent for it; undefined when the hub had everything
   */
  confirm(sent: JsonObject | undefined): Promise<void>
}
