// Installs the packed local hub into an empty folder, as a stranger would get it, and runs its command by npx. What it depends on is
// linked from here, so that nothing is downloaded.
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

const source = resolve('packages/local-hub')
const folder = mkdtempSync(join(tmpdir(), 'command-line-'))
const installed = join(folder, 'node_modules', '@iothub-dm', 'local-hub')

function run(command, args, options = {}) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', ...options })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stdout}${stderr}`)
  return stdout
}

const [{ filename }] = JSON.parse(run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: source }))
mkdirSync(installed, { recursive: true })
run('tar', ['-xzf', join(folder, filename), '-C', installed, '--strip-components=1'])
symlinkSync(join(source, 'node_modules'), join(installed, 'node_modules'))
mkdirSync(join(folder, 'node_modules', '.bin'))
symlinkSync(join(installed, 'dist', 'iothub-local.js'), join(folder, 'node_modules', '.bin', 'iothub-local'))
writeFileSync(join(folder, 'package.json'), '{ "private": true }')

const npxArgs = args => ['--no-install', 'iothub-local', ...args]
const version = run('npx', npxArgs(['--version']), { cwd: folder }).trim()
if (!/^\d+\.\d+\.\d+/.test(version)) throw new Error(`unexpected version '${version}'`)

const startArgs = npxArgs(['start', '--device', 'cam-1', '--https-port', '0', '--mqtt-port', '0'])
const hub = spawn('npx', startArgs, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'], detached: true })
const output = []
for await (const line of createInterface({ input: hub.stdout })) {
  output.push(line)
  // npx and what it runs.
  if (line.startsWith('Ready.') && hub.pid !== undefined) process.kill(-hub.pid, 'SIGINT')
}
if (!output.some(line => line.includes('DeviceId=cam-1'))) throw new Error(`no connection string: ${output.join('\n')}`)
if (!output.some(line => line.includes(join(installed, 'dist', 'redirect.cjs')))) throw new Error('no redirect file')
if (!readdirSync(folder).includes('iothub-local-ca.pem')) throw new Error('no certificate to trust')
console.log(`iothub-local ${version} runs from its tarball`)
