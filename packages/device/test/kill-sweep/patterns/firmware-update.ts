import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  defineContract,
  firmwareUpdate,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  operationSection,
} from '@iothub-dm/protocol'
import { unsignedInSoManyWords } from '../../../src/firmware/firmware-options.ts'
import type { FirmwareTarget } from '../../../src/firmware/firmware-target.ts'
import { firmwareUpdateWith } from '../../../src/firmware/firmware-update-with.ts'
import { implement } from '../../../src/implementation/implement.ts'
import { beginsOperation, type PatternProgram, type ProgramWorld } from '../pattern-program.ts'

const contract = defineContract({ actions: { firmwareUpdate } })
const image = Buffer.from('the image of version 2.0.0')
const versions = { before: '1.0.0', after: '2.0.0' }

const begins = beginsOperation('firmwareUpdate', {
  fwPackageUri: 'https://images.example/2.0.0.bin',
  fwVersion: versions.after,
  fwPackageCheckValue: createHash('sha256').update(image).digest('hex'),
})

/** What the documented section says, which is reported on its own. */
function currentVersion({ firmware }: JsonObject): JsonValue | undefined {
  return isJsonObject(firmware) ? firmware.currentFwVersion : undefined
}

/** The version that the end of the operation promises. */
function versionAfter(reported: JsonObject): string {
  return operationSection(reported, 'firmwareUpdate').state === 'succeeded' ? versions.after : versions.before
}

/** The firmware update pattern, on a device whose boot loader tries a new version once. */
export const firmwareUpdateProgram: PatternProgram = {
  ...begins,
  contract,
  isOver: reported => begins.isOver(reported) && currentVersion(reported) === versionAfter(reported),
  implementation: world =>
    implement(contract, {
      actions: {
        firmwareUpdate: firmwareUpdateWith(bootLoader(world), {
          directory: join(world.folder, 'firmware'),
          trust: { unsigned: unsignedInSoManyWords },
          device: { model: 'camera' },
          async download({ file }) {
            world.effect('download')
            await writeFile(file, image, { mode: 0o600 })
          },
        }),
      },
    }),
  verify({ log, folder, reported }) {
    const committed = read(folder, 'committed') ?? versions.before
    assert.equal(currentVersion(reported), committed)
    assert.equal(committed, versionAfter(reported))
    assert.match(log?.record.state ?? '', /^(succeeded|failed)$/)
    assert.equal(read(folder, 'next'), undefined)
  },
  // Back into the version before, when the new one lost its trial.
  extraLives: 1,
}

/** `committed` is the version that a boot starts, unless there is a `next` one, which it starts once. */
function bootLoader(world: ProgramWorld): FirmwareTarget {
  const { folder, bootId } = world
  const running = `running-${bootId}`
  if (!existsSync(join(folder, running))) {
    const next = read(folder, 'next')
    put(folder, running, next ?? read(folder, 'committed') ?? versions.before)
    rmSync(join(folder, 'next'), { force: true })
  }
  return {
    currentVersion: () => read(folder, running) ?? '',
    async apply(verified, { version }) {
      world.effect('install')
      const blocks: Uint8Array[] = []
      for await (const block of verified.read()) blocks.push(block)
      assert.deepEqual(Buffer.concat(blocks), image)
      put(folder, 'next', version)
    },
    restart() {
      world.effect('restart')
      world.restart()
    },
    confirm: () => world.effect('trial'),
    commit() {
      world.effect('commit')
      put(folder, 'committed', read(folder, running) ?? '')
    },
    rollback() {
      world.effect('roll back')
      rmSync(join(folder, 'next'), { force: true })
    },
  }
}

function read(folder: string, name: string): string | undefined {
  const path = join(folder, name)
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}

function put(folder: string, name: string, text: string): void {
  writeFileSync(join(folder, `${name}.tmp`), text)
  renameSync(join(folder, `${name}.tmp`), join(folder, name))
}
