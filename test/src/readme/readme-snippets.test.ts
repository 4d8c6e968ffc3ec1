import { execFile } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { readSnippets, repository, type Snippet } from './snippet.ts'

const execute = promisify(execFile)

/** Inside the package, so that the snippets find what a user would have installed. */
const directory = join(repository, 'test', 'node_modules', '.cache', 'readme-snippets')

const snippets = readSnippets()

function fileOf(snippet: Snippet): string {
  return join(directory, `${snippet.place.replaceAll(/[^A-Za-z0-9]+/g, '-')}.ts`)
}

describe('the snippets of the README pages', () => {
  beforeAll(async () => {
    await rm(directory, { recursive: true, force: true })
    await mkdir(directory, { recursive: true })
    await writeFile(join(directory, 'package.json'), '{ "type": "module" }')
    for (const snippet of snippets) await writeFile(fileOf(snippet), `${snippet.code}\nexport {}\n`)
    const compilerOptions = { isolatedDeclarations: false, declaration: false, noUnusedLocals: false }
    const config = { extends: join(repository, 'tsconfig.base.json'), compilerOptions, files: snippets.map(fileOf) }
    await writeFile(join(directory, 'tsconfig.json'), JSON.stringify(config))
  })

  it('are there', () => {
    expect(snippets.map(({ place }) => place)).toContainEqual(expect.stringMatching(/^README\.md:/))
  })

  it('compile', async () => {
    const compiler = join(repository, 'node_modules', 'typescript-native', 'bin', 'tsc')
    const compiled = await execute(process.execPath, [compiler, '--project', directory]).catch(
      (failure: { readonly stdout: string }) => failure,
    )
    expect(compiled.stdout).toBe('')
  })

  it.concurrent.each(snippets.filter(({ runs }) => runs))('$place runs', { timeout: 30_000 }, async snippet => {
    const flags = ['--import', 'tsx', '--conditions=@iothub-dm/source']
    await execute(process.execPath, [...flags, fileOf(snippet)], { cwd: repository })
  })
})
