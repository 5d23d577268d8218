/**
 * Adds to package-lock.json the packages for other platforms that `npm install` left out: it does so when the registry in use does not
 * carry them, and `npm ci` then refuses the file. test/contract/lockfile.test.ts says when this is needed: `npm run lockfile`.
 */
import { readFileSync, writeFileSync } from 'node:fs'

export type LockedPackage = {
  readonly version?: string
  readonly dev?: boolean
  readonly optional?: boolean
  readonly hasInstallScript?: boolean
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly os?: readonly string[]
  readonly cpu?: readonly string[]
  readonly libc?: readonly string[]
}

export type Lockfile = { readonly packages: Readonly<Record<string, LockedPackage>> }

/** The optional packages that the lock file names but does not hold, by the place where they belong. */
export function missingPackages({ packages }: Lockfile): Readonly<Record<string, LockedPackage>> {
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {}, dev }]) =>
    Object.entries(optionalDependencies)
      .filter(([name]) => !places(path, name).some((place) => packages[place] !== undefined))
      .map(([name, version]) => [`node_modules/${name}`, entryOf({ name, version, dev: dev === true })] as const),
  )
  return Object.fromEntries(missing)
}

/** Where Node looks for a package from a place in the tree: its own folder first, the root's last. */
function places(from: string, name: string): readonly string[] {
  const parts = from === '' ? [] : from.split(/\/?node_modules\//).slice(1)
  return Array.from({ length: parts.length + 1 }, (_, outer) =>
    [...parts.slice(0, parts.length - outer), name].map((part) => `node_modules/${part}`).join('/'),
  )
}

const OS = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32']
const CPU = ['arm64', 'arm', 'ia32', 'ppc64', 'riscv64', 's390x', 'x64']

/** Platform packages carry their platform in their name: `…-linux-arm64-musl`. There is no checksum, since nobody here has seen the package. */
function entryOf({ name, version, dev }: { name: string; version: string; dev: boolean }): LockedPackage {
  const words = name.split(/[/-]/)
  const os = OS.filter((one) => words.includes(one))
  const cpu = CPU.filter((one) => words.includes(one))
  if (os.length === 0 || cpu.length === 0 || !/^\d/.test(version)) {
    throw new Error(
      `${name}@${version} is not in package-lock.json, and its name does not say for which platform it is`,
    )
  }
  const abi = words.at(-1) ?? ''
  const libc = os.includes('linux') ? (abi.startsWith('musl') ? ['musl'] : abi.startsWith('gnu') ? ['glibc'] : []) : []
  return { version, cpu, ...(dev && { dev }), ...(libc.length > 0 && { libc }), optional: true, os }
}

if (import.meta.main) {
  const lockfile: Lockfile = JSON.parse(readFileSync('package-lock.json', 'utf8'))
  const missing = missingPackages(lockfile)
  const packages = Object.fromEntries(
    Object.entries({ ...lockfile.packages, ...missing }).toSorted(([a], [b]) => a.localeCompare(b, 'en')),
  )
  writeFileSync('package-lock.json', `${JSON.stringify({ ...lockfile, packages }, null, 2)}\n`)
  process.stdout.write(`${Object.keys(missing).length} packages added\n`)
}
