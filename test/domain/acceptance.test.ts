/** What a config repository lets in, and that a model repository cannot get around it. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseRepoConfig } from '../../src/config/repo-config.ts'
import { type AcceptanceRequest, accept, stricter, whenForced } from '../../src/domain/acceptance.ts'
import {
  type EnvironmentName,
  type ModelName,
  parseEnvironmentName,
  parseModelName,
  parseRepoName,
  type RepoName,
} from '../../src/domain/ids.ts'
import { deployerLists } from '../../src/domain/people-lists.ts'
import { mayDo } from '../../src/domain/rights.ts'
import type { EnvironmentSettings, RepoSettings, Requirement } from '../../src/domain/settings.ts'
import { isOneOf } from '../../src/domain/standing.ts'

const HOUR = 3_600_000

function settingsOf(text: string): RepoSettings {
  const parsed = parseRepoConfig(text, { file: 'f' })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return parsed.settings
}

function named<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('not a name')
  return value
}
const repo = (text: string): RepoName => named(parseRepoName(text))
const model = (text: string): ModelName => named(parseModelName(text))
const environment = (text: string): EnvironmentName => named(parseEnvironmentName(text))

const REFERENCE = settingsOf(readFileSync('examples/reference/config-repo/.github/lockkeeper.yml', 'utf8')).accepts

const REQUEST: AcceptanceRequest = {
  from: repo('Acme/Models'),
  model: model('churn'),
  environment: environment('prod'),
  isUnmerged: false,
  paths: ['environments/prod/churn/inference.yaml', 'environments/prod/churn/values.yaml'],
  images: ['ghcr.io/acme/churn:3f9c2e1@sha256:00'],
  uris: ['s3://acme-models/churn/12'],
  texts: [],
}

const NOTHING: Requirement = { approvals: undefined, soak: undefined, deployers: undefined, freeze: undefined }

describe('a promotion into a config repository', () => {
  it('is accepted as the reference says, with what it requires of the environment', () => {
    expect(accept(REFERENCE, REQUEST)).toEqual({
      kind: 'accepted',
      require: { approvals: 1, soak: HOUR / 2, deployers: undefined, freeze: undefined },
    })
    const staging = { ...REQUEST, environment: environment('staging'), paths: ['environments/staging/churn/a.yaml'] }
    expect(accept(REFERENCE, staging)).toEqual({ kind: 'accepted', require: NOTHING })
  })

  it.each([
    ['a repository that is not named', { from: repo('evil/models') }],
    ['a model that is not named', { model: model('other') }],
    ['an environment that is not named', { environment: environment('dev') }],
  ])('%s is not let in at all', (_, change) => {
    const answer = accept(REFERENCE, { ...REQUEST, ...change })
    expect(answer).toMatchObject({ kind: 'refused', code: 'accepts_missing' })
  })

  it('is told the whole entry where there is none, and the entry works when pasted', () => {
    const answer = accept([], REQUEST)
    expect(answer).toEqual({
      kind: 'refused',
      code: 'accepts_missing',
      reasons: ['no entry of `accepts:` names acme/models with the model `churn` and the environment `prod`'],
      missingLine: [
        'accepts:',
        '  - from: acme/models',
        '    models: [churn]',
        '    environments: [prod]',
        '    paths: ["environments/prod/churn/inference.yaml", "environments/prod/churn/values.yaml"]',
      ].join('\n'),
    })
    if (answer.kind !== 'refused') return
    expect(accept(settingsOf(`version: 1\n${answer.missingLine}\n`).accepts, REQUEST).kind).toBe('accepted')
  })

  it('is told every path, image and URI that no entry has, and the lines that would let them in', () => {
    const answer = accept(REFERENCE, {
      ...REQUEST,
      paths: ['environments/prod/churn/inference.yaml', 'environments/prod/fraud/inference.yaml'],
      images: ['docker.io/evil/churn:1'],
      uris: ['s3://acme-models/fraud/1'],
    })
    expect(answer).toEqual({
      kind: 'refused',
      code: 'accepts_refused',
      reasons: [
        'the path `environments/prod/fraud/inference.yaml` is not among `paths`',
        'the image `docker.io/evil/churn:1` is not among `images`',
        'the URI `s3://acme-models/fraud/1` is not among `uris`',
      ],
      missingLine: [
        '    paths: ["environments/{{ environment }}/{{ model.name }}/**", "environments/prod/fraud/inference.yaml"]',
        '    images: ["ghcr.io/acme/*", "docker.io/evil/churn"]',
        '    uris: ["s3://acme-models/{{ model.name }}/**", "s3://acme-models/fraud/1"]',
      ].join('\n'),
    })
  })

  it('of an unmerged pull request needs an environment that takes those, and the line that lets it in', () => {
    const [entry] = REFERENCE
    if (entry === undefined) throw new Error('the reference accepts nobody')
    const unmerged = { ...REQUEST, isUnmerged: true }
    expect(accept([{ ...entry, pullRequests: [environment('staging')] }], unmerged)).toEqual({
      kind: 'refused',
      code: 'accepts_refused',
      reasons: ['releases of unmerged pull requests may not go to `prod`, which is not among `pull_requests`'],
      missingLine: '    pull_requests: ["staging", "prod"]',
    })
    expect(accept([{ ...entry, pullRequests: [environment('prod')] }], unmerged).kind).toBe('accepted')
    const whole = accept([], unmerged)
    if (whole.kind !== 'refused') throw new Error('nobody was asked')
    expect(accept(settingsOf(`version: 1\n${whole.missingLine}\n`).accepts, unmerged).kind).toBe('accepted')
  })

  it('needs one entry that allows all of it: two halves make no whole', () => {
    const { accepts } = settingsOf(`version: 1
accepts:
  - { from: acme/models, paths: ["environments/prod/churn/inference.yaml"] }
  - { from: acme/models, paths: ["environments/prod/churn/values.yaml"] }
`)
    expect(accept(accepts, REQUEST)).toMatchObject({ kind: 'refused', code: 'accepts_refused' })
  })

  it('obeys everything that any entry requires that lets it in', () => {
    const { accepts } = settingsOf(`version: 1
accepts:
  - from: acme/models
    paths: ["environments/**"]
    require: { prod: { approvals: 2, deployers: ["user:a", "user:b"], freeze: [{ from: "Fri 16:00", to: "Mon 08:00", zone: UTC }] } }
  - from: acme/models
    paths: ["environments/prod/**"]
    require: { prod: { approvals: 1, soak: 1h, deployers: ["user:b", "user:c"] } }
`)
    const answer = accept(accepts, REQUEST)
    expect(answer).toMatchObject({
      kind: 'accepted',
      require: { approvals: 2, soak: HOUR, deployers: [{ kind: 'user', login: 'b' }], freeze: [{ zone: 'UTC' }] },
    })
  })

  it('without images and uris in the entry may write any', () => {
    const { accepts } = settingsOf('version: 1\naccepts: [{ from: acme/models, paths: ["environments/**"] }]')
    expect(accept(accepts, { ...REQUEST, images: ['x.io/y:1'], uris: ['gs://any/thing'] }).kind).toBe('accepted')
  })
})

describe('nothing that an entry says lets in', () => {
  const { accepts: everything } = settingsOf('version: 1\naccepts: [{ from: acme/models, paths: ["**"] }]')

  it.each([
    '../other/file.yaml',
    'a/../../b',
    'a/./b',
    './a',
    '/etc/passwd',
    'C:/x',
    '~/x',
    'a\\..\\b',
    'a/%2e%2e/b',
    'a%2Fb',
    'a//b',
    'a/',
    '',
    'a\u0000b',
    'a\nb',
    '.github/workflows/deploy.yml',
    '.GitHub/lockkeeper.yml',
    '.github',
    '.git/config',
    '.git',
  ])('the path %j', (path) => {
    const answer = accept(everything, { ...REQUEST, paths: [...REQUEST.paths, path] })
    expect(answer).toMatchObject({ kind: 'refused', code: 'accepts_refused', missingLine: '' })
  })

  it.each(['s3://b/../a', 's3://b/%2e%2e/a', 's3://b//a', 's3:b', 's3://b/a b', '/tmp/x', 's3://b\\a'])(
    'the URI %j',
    (uri) => {
      expect(accept(everything, { ...REQUEST, uris: [uri] })).toMatchObject({ kind: 'refused', missingLine: '' })
    },
  )

  it('any path that a file system would resolve to somewhere outside the accepted folder', () => {
    const piece = fc.constantFrom(
      '..',
      '.',
      '',
      'environments',
      'prod',
      'churn',
      'x',
      '%2e%2e',
      '.github',
      '\\',
      '..\\',
      'C:',
      '*',
      '**',
      '{{ environment }}',
    )
    fc.assert(
      fc.property(
        fc.array(piece, { minLength: 1, maxLength: 8 }),
        fc.constantFrom('/', '//', '\\'),
        (pieces, slash) => {
          const path = pieces.join(slash)
          const answer = accept(REFERENCE, { ...REQUEST, paths: [path] })
          if (answer.kind !== 'accepted') return
          const resolved = new URL(path.replaceAll('\\', '/'), 'file:///root/').pathname
          expect(resolved.startsWith('/root/environments/prod/churn/')).toBe(true)
        },
      ),
      { numRuns: 5000 },
    )
  })
})

describe('the stricter of both sides', () => {
  const base: EnvironmentSettings = named(
    settingsOf(readFileSync('examples/reference/model-repo/.github/lockkeeper.yml', 'utf8')).environments.get(
      environment('prod'),
    ),
  )
  const window = named(base.freeze[0])

  it('takes the larger approvals and soak, and every window of both', () => {
    const night = { ...window, zone: 'UTC' }
    const both = stricter(base, { ...NOTHING, approvals: 2, soak: HOUR / 2, freeze: [night] })
    expect(both).toMatchObject({ approvals: 2, soak: HOUR, freeze: [window, night] })
    expect(stricter(base, { ...NOTHING, soak: 2 * HOUR }).soak).toBe(2 * HOUR)
    expect(stricter({ ...base, approvals: 3 }, { ...NOTHING, approvals: 2 }).approvals).toBe(3)
  })

  const repositories = { model: repo('acme/models'), config: repo('infra/config') }
  const person = (login: string, teams: readonly string[] = []) => ({
    login,
    permissions: new Map([
      [repositories.model, 'write' as const],
      [repositories.config, 'write' as const],
    ]),
    teams: new Set(teams),
  })
  const elsewhere = { ...base, repository: repositories.config }
  const approvalOf = (environment: EnvironmentSettings) => ({
    environment,
    repositories,
    requester: undefined,
    author: undefined,
  })
  const team = { kind: 'team', organization: undefined, slug: 'ml-leads' } as const
  const alice = { kind: 'user', login: 'alice' } as const

  it.each([
    ['both name the person', [alice], [alice], person('alice'), true],
    ['one names a team of theirs, the other the person', [team], [alice], person('alice', ['acme/ml-leads']), true],
    ['only the model repository names the person', [alice], [team], person('alice'), false],
    ['only the config repository names the person', [team], [alice], person('alice'), false],
    [
      'both name a team of that name, and the person is in the one of the model side only',
      [team],
      [team],
      person('eve', ['acme/ml-leads']),
      false,
    ],
    [
      'both name a team of that name, and the person is in both',
      [team],
      [team],
      person('bob', ['acme/ml-leads', 'infra/ml-leads']),
      true,
    ],
    ['only the config repository has a list', undefined, [alice], person('bob'), false],
    ['nobody has a list, and the person can write on both', undefined, undefined, person('bob'), true],
    ['the person is unknown', [alice], undefined, undefined, false],
  ])('deployers: %s', (_, own, insisted, who, may) => {
    const both = stricter({ ...elsewhere, deployers: own, approvers: undefined }, { ...NOTHING, deployers: insisted })
    expect(mayDo('deploy', who, { environment: both, repositories }).may).toBe(may)
    expect(mayDo('approve', who, approvalOf(both)).may).toBe(may)
    // Whoever reads `deployers` alone lets in too few, never too many.
    if (isOneOf(who, both.deployers, repositories)) expect(may).toBe(true)
  })

  it.each([
    ['its own deployers, who stand in for approvers, without a right there', 'read', undefined, false],
    ['its own deployers, of whom one may write there', 'write', undefined, true],
    ['its own deployers, none of whom the config repository names', 'write', [team], false],
  ] as const)('approvals that the config repository asks for are not given by %s', (_, right, insisted, may) => {
    const both = stricter(
      { ...elsewhere, deployers: [alice], approvers: undefined },
      { ...NOTHING, approvals: 1, deployers: insisted },
    )
    const who = { ...person('alice'), permissions: new Map([[repositories.config, right]]) }
    expect(mayDo('approve', who, approvalOf(both)).may).toBe(may)
  })

  it('approvers of the model repository count where it names some', () => {
    const both = stricter({ ...elsewhere, approvers: [alice] }, { ...NOTHING, deployers: [team] })
    expect(mayDo('approve', person('alice'), approvalOf(both)).may).toBe(true)
    expect(deployerLists(both)).toEqual([base.deployers, [{ ...team, organization: 'infra' }]])
  })

  it('lets force skip nothing that the config repository insists on, but the rest', () => {
    const both = stricter(base, { ...NOTHING, soak: HOUR / 2 })
    expect(both.force).toMatchObject({ rules: ['freeze'], downTo: ['soak'] })
    expect(both.soak).toBe(HOUR)
    expect(whenForced(both)).toMatchObject({ soak: HOUR / 2, approvals: 1, freeze: [window] })
  })

  it('is never less than either side asks for', () => {
    const count = fc.option(fc.nat({ max: 5 }), { nil: undefined })
    const windows = fc.option(fc.array(fc.constantFrom(window, { ...window, zone: 'UTC' })), { nil: undefined })
    fc.assert(
      fc.property(
        count,
        fc.option(fc.nat({ max: 3 * HOUR }), { nil: undefined }),
        windows,
        (approvals, soak, freeze) => {
          const both = stricter(base, { approvals, soak, freeze, deployers: undefined })
          expect(both.approvals).toBeGreaterThanOrEqual(Math.max(base.approvals, approvals ?? 0))
          expect(both.soak).toBeGreaterThanOrEqual(Math.max(base.soak, soak ?? 0))
          expect(both.freeze).toEqual(expect.arrayContaining([...base.freeze, ...(freeze ?? [])]))
          const forced = whenForced(both)
          expect(forced.approvals).toBeGreaterThanOrEqual(approvals ?? 0)
          expect(forced.soak).toBeGreaterThanOrEqual(soak ?? 0)
          expect(forced.freeze).toEqual(expect.arrayContaining([...(freeze ?? [])]))
        },
      ),
    )
  })
})
