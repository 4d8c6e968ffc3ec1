/** Who may act for a rollout. */
export interface Lease {
  /** The controller that holds it; nobody, when it is empty. */
  readonly owner: string
  /** One more with every holder: what a holder before wrote is told from what this one writes. */
  readonly token: number
  /** ISO 8601, UTC. */
  readonly expiresTime: string
}

/** How long a lease is good for without being renewed. */
export const leaseDurationInMs = 60_000
/** The holder stops so long before the end, and others wait so long after it: clocks may be so far apart, both ways. */
export const leaseMarginInMs = 10_000

/** The lease, taken by somebody; undefined while another one may still act. */
export function takeLease(lease: Lease | undefined, owner: string, nowInMs: number): Lease | undefined {
  if (lease !== undefined && lease.owner !== '' && lease.owner !== owner) {
    if (nowInMs <= Date.parse(lease.expiresTime) + leaseMarginInMs) return undefined
  }
  return { owner, token: (lease?.token ?? 0) + 1, expiresTime: expiry(nowInMs) }
}

/** The lease for another while. */
export function renewLease(lease: Lease, nowInMs: number): Lease {
  return { ...lease, expiresTime: expiry(nowInMs) }
}

/** The lease, for anybody to take. */
export function releaseLease(lease: Lease): Lease {
  return { ...lease, owner: '' }
}

/** Whether two leases are one and the same holding. */
export function isSameLease(left: Lease | undefined, right: Lease | undefined): boolean {
  return left !== undefined && left.owner === right?.owner && left.token === right.token
}

/** Whether its holder may still act. */
export function mayAct(lease: Lease, nowInMs: number): boolean {
  return nowInMs < Date.parse(lease.expiresTime) - leaseMarginInMs
}

/** Whether it is time to renew it: half of it has passed. */
export function isRenewalDue(lease: Lease, nowInMs: number): boolean {
  return nowInMs > Date.parse(lease.expiresTime) - leaseDurationInMs / 2
}

function expiry(nowInMs: number): string {
  return new Date(nowInMs + leaseDurationInMs).toISOString()
}
