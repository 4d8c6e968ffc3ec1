import { identityName } from '../identity/identity-key.ts'
import type { JsonValue } from '../json/json.ts'
import { valueAt } from '../query/json-document.ts'
import type { QueryDocument } from '../query/query-source.ts'
import { type DeviceJob, deviceJobStatus } from './device-job.ts'
import { deviceJobView } from './device-job-view.ts'

/** A row of `devices.jobs` that queries go through. What they often ask for is made without the rest of the row. */
export function deviceJobDocument(deviceJob: DeviceJob): QueryDocument {
  return {
    position: deviceJob.position,
    read: path => valueAt(memberOf(deviceJob, path[0] ?? ''), path, 1),
    view: () => deviceJobView(deviceJob),
  }
}

function memberOf(deviceJob: DeviceJob, name: string): JsonValue | undefined {
  switch (name) {
    case 'jobId':
      return deviceJob.jobId
    case 'jobType':
      return deviceJob.jobType
    case 'deviceId':
      return identityName(deviceJob.key).deviceId
    case 'status':
      return deviceJobStatus(deviceJob)
    default:
      return valueAt(deviceJobView(deviceJob), [name])
  }
}
