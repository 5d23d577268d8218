/**
 * Makes github-api.json anew: `node sandbox/github/contract/refresh.ts [version]`. Needs npm and a package registry;
 * the package weighs 385 MB, so it goes to a temporary directory. Its reader is rest.ts.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { trimDescription } from './trim.ts'

const PACKAGE = '@octokit/openapi'

function main(version: string): void {
  const directory = mkdtempSync(join(tmpdir(), 'github-api-'))
  try {
    writeFileSync(join(directory, 'package.json'), '{"private":true}')
    execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', `${PACKAGE}@${version}`], {
      cwd: directory,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    const home = join(directory, 'node_modules', PACKAGE)
    const { version: installed } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { version: string }
    const file = 'generated/api.github.com.json'
    const trimmed = trimDescription(JSON.parse(readFileSync(join(home, file), 'utf8')))
    const source = { package: PACKAGE, version: installed, file, licence: 'MIT' }
    const target = fileURLToPath(new URL('./github-api.json', import.meta.url))
    const text = `${JSON.stringify({ 'x-source': source, ...trimmed })}\n`
    writeFileSync(target, text)
    console.log(`${target}: ${PACKAGE} ${installed}, ${Object.keys(trimmed.paths).length} paths, ${text.length} bytes`)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

main(process.argv[2] ?? 'latest')
