import type { SimulatedLife } from './simulated-life.ts'

/** The same `op`, with a point wherever one of its promises comes back to the handler. */
export function watchOperation<TOperation extends object>(op: TOperation, life: SimulatedLife): TOperation {
  return new Proxy(op, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key, target)
      if (typeof member !== 'function') return member
      return (...args: unknown[]): unknown => {
        const result: unknown = Reflect.apply(member, target, args)
        return result instanceof Promise ? watch(result, describeCall(String(key), args), life) : result
      }
    },
  })
}

async function watch(promise: Promise<unknown>, call: string, life: SimulatedLife): Promise<unknown> {
  try {
    return await promise
  } finally {
    await life.pass(`${call} comes back`)
  }
}

function describeCall(name: string, [first]: readonly unknown[]): string {
  return typeof first === 'string' ? `op.${name} '${first}'` : `op.${name}`
}
