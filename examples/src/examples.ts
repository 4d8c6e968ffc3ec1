/** An example: what `pnpm example <name>` plays. */
export interface Example {
  readonly name: string
  /** What it shows, in a line. */
  readonly shows: string
  readonly play: () => Promise<unknown>
}

/** All examples, from the simple to the large. */
export const examples: readonly Example[] = [
  {
    name: 'typed-invoke',
    shows: 'methods with types; a camera that refuses, one that is away, one that nobody knows',
    play: () => import('./typed-invoke/typed-invoke.ts'),
  },
  {
    name: 'attach',
    shows: 'one process begins an operation and ends; another one follows it to its result',
    play: () => import('./attach/attach.ts'),
  },
  {
    name: 'configuration',
    shows: 'set a configuration and wait; one that cuts the device off is put back by itself',
    play: () => import('./configuration/configuration.ts'),
  },
  {
    name: 'factory-reset',
    shows: 'a device loses everything, armed first, and still tells that it is done',
    play: () => import('./factory-reset/factory-reset.ts'),
  },
  {
    name: 'maintenance-window',
    shows: 'a reboot for a device that is away waits for it, for consent and for its window',
    play: () => import('./maintenance-window/maintenance-window.ts'),
  },
  {
    name: 'fleet-query',
    shows: 'how many devices, where, who is in error and why, who has restarted since',
    play: () => import('./fleet-query/fleet-query.ts'),
  },
  {
    name: 'scheduled-job',
    shows: 'the hub restarts devices at a time that was agreed; what became of each',
    play: () => import('./scheduled-job/scheduled-job.ts'),
  },
  {
    name: 'firmware-campaign',
    shows: 'firmware by hub configuration, in five numbers; a bad version is taken back',
    play: () => import('./firmware-campaign/firmware-campaign.ts'),
  },
  {
    name: 'staged-rollout',
    shows: 'firmware in waves; a gate stops a bad version, and all that was done is undone',
    play: () => import('./staged-rollout/staged-rollout.ts'),
  },
  {
    name: 'firmware-update',
    shows: 'a program replaces itself by its next version, and comes back from two bad ones',
    play: () => import('./firmware-update/firmware-update.ts'),
  },
  {
    name: 'demo',
    shows: 'a reboot end to end: the process of the device really ends and comes back',
    play: () => import('./demo/demo.ts'),
  },
]
