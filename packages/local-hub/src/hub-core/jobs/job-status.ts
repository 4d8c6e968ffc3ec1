/** How a job can end. */
export type JobEnd = 'completed' | 'failed' | 'cancelled'

/** The state of a job (wire reference 7.2). */
export type JobStatus = 'scheduled' | 'running' | JobEnd

/** How a job can end on one device. */
export type DeviceJobEnd = 'completed' | 'failed'

/** The state of a job on one device (wire reference 7.5). */
export type DeviceJobStatus = 'pending' | 'running' | DeviceJobEnd
