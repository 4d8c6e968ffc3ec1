#!/usr/bin/env node
import packageJson from '../../package.json' with { type: 'json' }
import { type Command, parseCommandLine } from './command-line.ts'
import { escapeText } from './escape-text.ts'
import { print, printProblem } from './print.ts'
import { runStart } from './start-command.ts'
import { runExport, runImport } from './state-commands.ts'
import { usage } from './usage.ts'
import { UsageError } from './usage-error.ts'

async function run(command: Command): Promise<void> {
  switch (command.name) {
    case 'help':
      print(usage)
      return
    case 'version':
      print(packageJson.version)
      return
    case 'start':
      return runStart(command.options)
    case 'export':
      return runExport(command.data)
    case 'import':
      return runImport(command.data, command.file)
  }
}

try {
  await run(parseCommandLine(process.argv.slice(2)))
} catch (error) {
  printProblem(`iothub-local: ${escapeText(error instanceof Error ? error.message : String(error))}`)
  if (error instanceof UsageError) printProblem('iothub-local --help tells what can be said.')
  process.exitCode = error instanceof UsageError ? 2 : 1
}
