import { describe, expect, it } from 'vitest'
import {
  isRenewalDue,
  leaseDurationInMs,
  leaseMarginInMs,
  mayAct,
  releaseLease,
  renewLease,
  takeLease,
} from './lease.ts'

function taken(...[lease, owner, nowInMs]: Parameters<typeof takeLease>) {
  const result = takeLease(lease, owner, nowInMs)
  if (result === undefined) throw new Error('the lease was not given')
  return result
}

describe('a lease', () => {
  it('is held by one, and told by a number that grows', () => {
    const first = taken(undefined, 'a', 0)
    expect(takeLease(first, 'b', leaseDurationInMs)).toBeUndefined()
    expect(taken(releaseLease(first), 'b', 1)).toMatchObject({ owner: 'b', token: 2 })
    expect(taken(first, 'a', 1)).toMatchObject({ owner: 'a', token: 2 })
  })

  it('is never acted on by two, though their clocks are apart by the margin, both ways', () => {
    const lease = taken(undefined, 'a', 0)
    for (let atInMs = 0; atInMs < 2 * leaseDurationInMs; atInMs += 500) {
      const holderActs = mayAct(lease, atInMs - leaseMarginInMs)
      const otherTakes = takeLease(lease, 'b', atInMs + leaseMarginInMs) !== undefined
      if (otherTakes) expect(mayAct(lease, atInMs)).toBe(false)
      if (holderActs) expect(takeLease(lease, 'b', atInMs)).toBeUndefined()
    }
  })

  it('is renewed long before it ends', () => {
    const lease = taken(undefined, 'a', 0)
    expect(isRenewalDue(lease, 0)).toBe(false)
    const dueInMs = leaseDurationInMs / 2 + 1
    expect(isRenewalDue(lease, dueInMs)).toBe(true)
    expect(mayAct(lease, dueInMs)).toBe(true)
    expect(isRenewalDue(renewLease(lease, dueInMs), dueInMs)).toBe(false)
  })
})
