/** The examples of edits: both files load, the promotion is accepted and planned, and docs/guides/edits.md shows exactly the diff that it makes. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseRepoConfig } from '../../src/config/repo-config.ts'
import { parseRepoName } from '../../src/domain/ids.ts'
import { unifiedDiff } from '../../src/domain/manifest/unified-diff.ts'
import { admitPromotion } from '../../src/domain/promotion-admission.ts'
import type { RepoSettings } from '../../src/domain/settings.ts'
import type { TemplateValues } from '../../src/domain/template.ts'
import { CHURN, known, STAGING } from '../domain/reference-settings.ts'

const EXAMPLES = 'examples/edits'
const SETTINGS = '.github/lockkeeper.yml'
const GUIDE = readFileSync('docs/guides/edits.md', 'utf8')
const COMMIT = '8b1f4c0d2e7a9b3c5d6e8f0a1b2c3d4e5f607182'

const values: TemplateValues = {
  'model.name': CHURN,
  'model.version': '12',
  'model.uri': 's3://acme-models/churn/12',
  'image.repository': 'ghcr.io/acme/churn',
  'image.tag': COMMIT,
  'image.digest': 'sha256:7c9e6679f1d2b5a4c3e8d7f60a1b2c3d4e5f60718293a4b5c6d7e8f9a0b1c2d3',
  'commit.sha': COMMIT,
  'release.id': 'rel-8a1c3f5e7b9d2046',
  environment: STAGING,
}

/** What stands for the release's values on the way back: the found ones are put back instead. */
const AS_FOUND: TemplateValues = {
  ...Object.fromEntries(Object.keys(values).map((name) => [name, 'as-found'])),
  'model.name': CHURN,
  environment: STAGING,
}

function load(example: string, repository: 'model-repo' | 'config-repo'): RepoSettings {
  const file = join(EXAMPLES, example, repository, SETTINGS)
  const parsed = parseRepoConfig(readFileSync(file, 'utf8'), { file })
  expect(parsed.ok ? parsed.notices : parsed.problems).toEqual([])
  return known(parsed.ok ? parsed.settings : undefined)
}

function manifests(example: string): ReadonlyMap<string, { readonly mode: string; readonly text: string }> {
  const root = join(EXAMPLES, example, 'config-repo')
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /(?<!lockkeeper)\.ya?ml$/.test(path),
  )
  return new Map(files.map((path) => [path, { mode: '100644', text: readFileSync(join(root, path), 'utf8') }]))
}

describe.each(readdirSync(EXAMPLES).filter((name) => !name.includes('.')))('the example %s', (example) => {
  it('is accepted, changes what the guide shows, and goes back byte for byte', () => {
    const { accepts } = load(example, 'config-repo')
    const files = manifests(example)
    const environment = known(load(example, 'model-repo').environments.get(STAGING))
    const from = known(parseRepoName('acme/models'))
    const { plan } = admitPromotion(
      { from, model: CHURN, environment, values, isUnmerged: false, restore: undefined, files },
      accepts,
    )
    if (plan.kind !== 'planned') throw new Error(JSON.stringify(plan))
    const now = new Map([...files, ...plan.files.map(({ path, text }) => [path, { mode: '100644', text }] as const)])
    const restored = {
      from,
      model: CHURN,
      environment,
      values: AS_FOUND,
      isUnmerged: false,
      restore: plan.changes,
      files: now,
    }
    const back = admitPromotion(restored, accepts).plan
    expect(back.kind === 'planned' && back.files).toEqual(
      plan.files.map(({ path }) => ({ path, text: files.get(path)?.text })),
    )
    const diff = plan.files.map(({ path, text }) => unifiedDiff(path, files.get(path)?.text ?? '', text)).join('')
    expect(GUIDE).toContain(`\`\`\`diff\n${diff}\`\`\``)
  })

  it('is limited to what it writes: another URI or image is refused', () => {
    const { accepts } = load(example, 'config-repo')
    const environment = known(load(example, 'model-repo').environments.get(STAGING))
    const other = {
      ...values,
      'model.uri': 's3://evil/12',
      'model.version': '../../evil',
      'image.repository': 'evil.io/x',
    }
    const question = {
      from: known(parseRepoName('acme/models')),
      model: CHURN,
      environment,
      isUnmerged: false,
      restore: undefined,
    }
    const refuse = () => admitPromotion({ ...question, values: other, files: manifests(example) }, accepts)
    // A kustomization's entry keeps its name: a tag or digest of another image is not there.
    if (example !== 'kustomize-image') expect(refuse).toThrow(/does not accept this/)
  })

  it('has its entry of `edit:` in the guide', () => {
    const text = readFileSync(join(EXAMPLES, example, 'model-repo', SETTINGS), 'utf8')
    const [, edit = ''] = / {4}edit:\n([\s\S]*?) {4}sync:/.exec(text) ?? []
    expect(GUIDE).toContain(`\`\`\`yaml\n${edit.replace(/^ {6}/gm, '')}\`\`\``)
  })
})
