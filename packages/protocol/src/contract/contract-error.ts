import { IotHubDmError } from '../errors/iothub-dm-error.ts'

/** Thrown by `defineContract` when a definition breaks a rule of IoT Hub or of this library. Names the item and the rule. */
export class ContractError extends IotHubDmError<'InvalidContract'> {
  override readonly name = 'ContractError'

  /**
   * @param item what is wrong, such as `action 'calibrate'`
   * @param rule what was expected
   */
  constructor(item: string, rule: string) {
    super('InvalidContract', `${item}: ${rule}`)
  }
}
