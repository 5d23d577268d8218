/** What the recorder and the live suite install for themselves: Debian packages (as root) and Python virtual environments under `.live/`, which git ignores. */
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from './processes.ts'

/** Where everything lies that is installed or written here; may be removed at any time. */
export const LIVE = fileURLToPath(new URL('../../.live', import.meta.url))

/** Makes the virtual environment `.live/venv-<name>` with the pinned packages of a requirements file, unless it is there with just these, and gives its `bin`. Takes about a minute. */
export async function installPython(name: string, requirements: string): Promise<string> {
  const venv = join(LIVE, `venv-${name}`)
  const bin = join(venv, 'bin')
  const stamp = join(venv, 'requirements.installed')
  const wanted = await readFile(requirements, 'utf8')
  if (existsSync(stamp) && (await readFile(stamp, 'utf8')) === wanted) return bin
  await mkdir(LIVE, { recursive: true })
  await requirePython()
  await run('python3', ['-m', 'venv', '--clear', venv])
  await run(join(bin, 'pip'), ['install', '--quiet', '--disable-pip-version-check', '-r', requirements])
  await writeFile(stamp, wanted)
  return bin
}

/** Debian's python3 comes without pip in its virtual environments until python3-venv is installed. */
async function requirePython(): Promise<void> {
  const isComplete = await run('python3', ['-c', 'import venv, ensurepip']).then(
    () => true,
    () => false,
  )
  if (!isComplete) await installDebian('python3', 'python3-venv')
}

/** Installs Debian packages by apt-get. Throws, with the command to run, when this process is not root. */
export async function installDebian(...packages: readonly string[]): Promise<void> {
  const install = ['install', '-y', '-qq', '--no-install-recommends', '-o', 'Dpkg::Options::=--force-confold']
  if (process.getuid?.() !== 0) {
    throw new Error(`missing here, and only root can install it: apt-get install ${packages.join(' ')}`)
  }
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }
  await run('apt-get', ['update', '-qq'], options)
  await run('apt-get', [...install, ...packages], options)
}
