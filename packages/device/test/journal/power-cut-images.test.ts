import { describe, expect, it } from 'vitest'
import { powerCutImages } from './power-cut-images.ts'
import { type DiskImage, SimulatedDisk } from './simulated-disk.ts'

function listImages(disk: SimulatedDisk): readonly string[] {
  return [...new Set(Array.from(powerCutImages(disk.initialImage, disk.calls), describeImage))].toSorted()
}

function describeImage(image: DiskImage): string {
  return Array.from(image, ([name, bytes]) => `${name}=${Buffer.from(bytes).toString().replaceAll('\0', '0')}`).join(
    ' ',
  )
}

describe('powerCutImages', () => {
  it('leaves an unsynced write absent, partial, zero-filled or whole', async () => {
    const disk = new SimulatedDisk()
    const file = await disk.createFile('/a')
    await disk.syncDirectory('/')
    await file.write(Buffer.from('wxyz'))
    expect(listImages(disk)).toEqual(['a=', 'a=0000', 'a=00yz', 'a=w', 'a=wx', 'a=wxy', 'a=wxyz'])
    await file.sync()
    expect(listImages(disk)).toEqual(['a=wxyz'])
  })

  it('reads zeros where a later write came through and an earlier one did not', async () => {
    const disk = new SimulatedDisk()
    const file = await disk.createFile('/a')
    await disk.syncDirectory('/')
    await file.write(Buffer.from('x'))
    await file.write(Buffer.from('y'))
    expect(listImages(disk)).toEqual(['a=', 'a=0', 'a=00', 'a=0y', 'a=x', 'a=x0', 'a=xy'])
  })

  it('keeps directory operations as a prefix of their order until the directory is synced', async () => {
    const disk = new SimulatedDisk({ image: new Map([['a', Buffer.from('old')]]) })
    const file = await disk.createFile('/b')
    await file.write(Buffer.from('new'))
    await file.sync()
    await disk.rename('/b', '/a')
    expect(listImages(disk)).toEqual(['a=new', 'a=old', 'b=new a=old'])
    await disk.syncDirectory('/')
    expect(listImages(disk)).toEqual(['a=new'])
  })

  it('does not believe a sync after one that failed', async () => {
    let syncs = 0
    const disk = new SimulatedDisk({ fault: call => (call === 'sync' && syncs++ === 0 ? 'EIO' : undefined) })
    const file = await disk.createFile('/a')
    await disk.syncDirectory('/')
    await file.write(Buffer.from('x'))
    await expect(file.sync()).rejects.toThrow('EIO')
    await file.sync()
    expect(listImages(disk)).toEqual(['a=', 'a=0', 'a=x'])
  })
})
