import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

/** Asks a process to end, and waits for it; harmless when it has ended. */
export async function endProcess(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  await exited
}
