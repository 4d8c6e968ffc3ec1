import { describe, expect, it } from 'vitest'
import { beginRead, beginSession, type DesiredState, receivePatch, receiveRead } from './desired-state.ts'

function at(version: number, properties = {}): DesiredState {
  return receiveRead(beginSession(), { properties, version })
}

describe('the copy of the desired properties', () => {
  it('applies the next version', () => {
    const state = receivePatch(at(4, { a: 1, b: { c: 1, d: 2 } }), { patch: { b: { c: null }, e: 3 }, version: 5 })
    expect(state).toEqual({
      known: { properties: { a: 1, b: { d: 2 }, e: 3 }, version: 5 },
      reading: false,
      waiting: [],
    })
  })

  it('replaces arrays and takes falsy values', () => {
    const state = receivePatch(at(1, { list: [1, 2, 3] }), {
      patch: { list: [9], zero: 0, no: false, text: '' },
      version: 2,
    })
    expect(state.known?.properties).toEqual({ list: [9], zero: 0, no: false, text: '' })
  })

  it('drops what is not newer', () => {
    const before = at(4, { a: 1 })
    for (const version of [3, 4]) expect(receivePatch(before, { patch: { a: 2 }, version })).toEqual(before)
  })

  it('asks for one read when there is a gap, and keeps what came meanwhile for after it', () => {
    const gap = receivePatch(at(1), { patch: { a: 3 }, version: 3 })
    expect(gap.reading).toBe(true)
    const more = receivePatch(gap, { patch: { b: 5 }, version: 5 })
    const late = receivePatch(more, { patch: { b: 4 }, version: 4 })
    // the read was answered before version 4 was made
    expect(receiveRead(late, { properties: { a: 3 }, version: 3 })).toEqual({
      known: { properties: { a: 3, b: 5 }, version: 5 },
      reading: false,
      waiting: [],
    })
  })

  it('asks for another read when a patch went missing during the first one', () => {
    const early = receivePatch(beginSession(), { patch: { a: 3 }, version: 3 })
    const still = receiveRead(early, { properties: {}, version: 1 })
    expect(still).toEqual({ known: { properties: {}, version: 1 }, reading: true, waiting: [] })
    expect(receiveRead(still, { properties: { a: 3 }, version: 3 })).toEqual(at(3, { a: 3 }))
  })

  it('does not fall back behind a patch that overtakes the answer of a read', () => {
    const state = receivePatch(beginRead(at(5)), { patch: { a: 6 }, version: 6 })
    expect(receiveRead(state, { properties: {}, version: 5 })).toEqual(at(6, { a: 6 }))
  })

  it('takes a read for the truth, also when its version is smaller', () => {
    const session = beginSession(receivePatch(at(8), { patch: { a: 1 }, version: 9 }))
    expect(receiveRead(session, { properties: { a: 0 }, version: 1 })).toEqual(at(1, { a: 0 }))
  })

  it('forgets what waited in the session before', () => {
    const gap = receivePatch(at(1), { patch: { a: 9 }, version: 9 })
    expect(receiveRead(beginSession(gap), { properties: {}, version: 1 })).toEqual(at(1))
  })

  it('keeps a patch that comes before the read that begins the session', () => {
    const early = receivePatch(beginSession(), { patch: { a: 2 }, version: 2 })
    expect(receiveRead(early, { properties: { a: 1 }, version: 1 })).toEqual(at(2, { a: 2 }))
    expect(receiveRead(early, { properties: { a: 2, b: 3 }, version: 3 })).toEqual(at(3, { a: 2, b: 3 }))
  })
})
