/** What a release is made of, looked for once: versions are made once and only then, addresses are pinned or taken at their word, and everything missing is named. */
import { describe, expect, it } from 'vitest'
import { parseRepoConfig } from '../../src/config/repo-config.ts'
import { parseDigest } from '../../src/domain/ids.ts'
import type { Need } from '../../src/domain/server-policy.ts'
import type { Deps } from '../../src/services/deps.ts'
import { type ArtefactsQuestion, findArtefacts } from '../../src/services/find-artefacts.ts'
import type { Publication } from '../../src/services/ledger.ts'
import type { Buckets, HttpProbe, Mlflow, MlflowVersion, Registries } from '../../src/services/ports.ts'
import { sha } from '../comments/comparison-fixture.ts'
import { HEAD, repository } from './comparison-world.ts'

const DIGEST = `sha256:${'a'.repeat(64)}`
const LANDED = sha('1a')
const NEEDS_URI = 'yaml: { model: "{{ model.uri }}" }'

type World = {
  /** Under `release:`. */
  readonly release: string
  readonly edit?: string
  readonly versions?: MlflowVersion[]
  /** Runs that logged a model, and what each then is registered as. */
  readonly logged?: readonly string[]
  /** Whether the answer to a creation is lost. */
  readonly breaks?: () => boolean
  readonly refuses?: (need: Need) => boolean
  readonly head?: Awaited<ReturnType<HttpProbe['ask']>>
  readonly image?: Awaited<ReturnType<Registries['resolve']>>
  readonly bucket?: Awaited<ReturnType<Buckets['exists']>>
  readonly location?: string
}

const version = (number: string, change: Partial<MlflowVersion> = {}): MlflowVersion => ({
  model: 'churn',
  version: number,
  runId: 'r1',
  status: 'READY',
  source: 'models:/m-1',
  url: 'https://mlflow',
  ...change,
})

function world({ release, edit = NEEDS_URI, ...is }: World) {
  const parsed = parseRepoConfig(
    `version: 1
models: { churn: { candidate: { mlflow: { experiment: churn } }, release: ${release} } }
environments:
  prod:
    repository: acme/config
    edit: [{ file: prod/values.yaml, ${edit} }]
    sync: { argocd: { application: churn, namespace: argocd } }
`,
    { file: 'f' },
  )
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  const [model] = [...parsed.settings.models.values()]
  if (model === undefined) throw new Error('no model')
  const asked: string[] = []
  const versions = [...(is.versions ?? [])]
  const mlflow: Partial<Mlflow> = {
    versionsOfRuns: async () => versions,
    locate: async (_, { source }) => {
      asked.push('locate')
      return is.location ?? source
    },
    createVersion: async (_, { runId, artifactPath }) => {
      asked.push(`create ${artifactPath} of ${runId}`)
      if (is.logged?.includes(runId) !== true) return undefined
      const made = version(String(versions.length + 1), { runId })
      versions.unshift(made)
      if (is.breaks?.() === true) throw new Error('the connection broke')
      return made
    },
  }
  let alone = Promise.resolve<unknown>(undefined)
  const publications = new Map<string, Publication>()
  const digest = parseDigest(DIGEST)
  if (digest === undefined) throw new Error('no digest')
  const ledger: Partial<Deps['ledger']> = {
    exclusively: (_, run) => {
      const result = alone.then(run)
      alone = result
      return result
    },
    publication: async (key) => publications.get(key),
    savePublication: async (publication, entry) => {
      publications.set(publication.key, publication)
      if (entry !== undefined) asked.push(`audit ${entry.action} ${entry.subject}`)
    },
  }
  const deps: Partial<Deps> = {
    mlflow: mlflow as Mlflow,
    ledger: ledger as Deps['ledger'],
    clock: { now: () => new Date('2026-03-03T10:00:00Z') },
    mayUse: (_, need) =>
      is.refuses?.(need) === true
        ? { allowed: false, message: `not allowed: ${need.kind}`, missingLine: '' }
        : { allowed: true },
    buckets: {
      exists: async (uri) => {
        asked.push(uri)
        return is.bucket ?? { kind: 'found' }
      },
      read: () => Promise.reject(new Error('nothing is read')),
    },
    registries: {
      resolve: async ({ repository: name, reference }) => {
        asked.push(`${name} ${reference}`)
        return is.image ?? { kind: 'found', digest }
      },
    },
    probe: {
      ask: async ({ method, url }) => {
        asked.push(`${method} ${url}`)
        return is.head ?? { kind: 'answer', status: 200, milliseconds: 1 }
      },
    },
  }
  const question: ArtefactsQuestion = {
    record: {
      repository,
      model: model.name,
      commit: LANDED,
      pullRequest: { number: 1, id: 'PR', headSha: HEAD, testMergeCommit: undefined, headRef: 'b', author: 'bob' },
      begunAt: '2026-03-03T10:00:00Z',
      sequence: 1,
      state: { kind: 'pending', missing: [] },
    },
    model,
    settings: parsed.settings,
    runs: ['r1', 'r2'],
    gates: 'pass',
    mayCreate: true,
  }
  const find = (change: Partial<ArtefactsQuestion> = {}) => findArtefacts({ ...question, ...change }, deps as Deps)
  return { find, asked }
}

const CREATES = '{ model: { mlflow: { name: churn, create: {} }, uri: "s3://b/{{ model.version }}" } }'
const missing = (...each: readonly string[]) => ({
  kind: 'missing',
  missing: each.map((what) => ({ what: expect.stringContaining(what), remedy: expect.any(String) })),
})

describe('a version that nobody registered', () => {
  it('is made of the first seed that has the model, and told to the audit log', async () => {
    const { find, asked } = world({ release: CREATES, logged: ['r2'] })
    expect(await find()).toMatchObject({
      artefacts: { modelVersion: '1', registeredModel: 'churn', modelUri: 's3://b/1' },
    })
    expect(asked).toEqual([
      'create model of r1',
      'create model of r2',
      'audit model version models:/churn/1',
      's3://b/1',
    ])
  })

  it('that was made when the answer was lost is told to the audit log all the same, once', async () => {
    const breaks = [true]
    const { find, asked } = world({ release: CREATES, logged: ['r1'], breaks: () => breaks.pop() === true })
    await expect(find()).rejects.toThrow('the connection broke')
    await find()
    await find()
    expect(asked.filter((each) => !each.startsWith('s3:'))).toEqual([
      'create model of r1',
      'audit model version models:/churn/1',
    ])
  })

  it('is made once, however often and by however many it is looked for', async () => {
    const { find, asked } = world({ release: CREATES, logged: ['r1', 'r2'] })
    const found = await Promise.all([find(), find(), find()])
    await find()
    expect(asked.filter((each) => each.startsWith('create'))).toHaveLength(1)
    expect(new Set(found.map((each) => JSON.stringify(each))).size).toBe(1)
  })

  it('is what training registered meanwhile', async () => {
    const { find, asked } = world({ release: CREATES, logged: ['r1'], versions: [version('9'), version('8')] })
    expect(await find()).toMatchObject({ artefacts: { modelVersion: '9' } })
    expect(asked).toEqual(['s3://b/9'])
  })

  it('is not made before the gates are judged, nor without being asked to', async () => {
    const before = world({ release: CREATES, logged: ['r1'] })
    expect(await before.find({ mayCreate: false })).toMatchObject(missing('a model `model` in run r1'))
    const unasked = world({
      release: '{ model: { mlflow: churn, uri: "s3://b/{{ model.version }}" } }',
      logged: ['r1'],
    })
    expect(await unasked.find()).toMatchObject(missing('a registered version of `churn` made from run r1'))
    expect([...before.asked, ...unasked.asked]).toEqual([])
  })

  it('is never made of what fails its gates: such a release has none', async () => {
    const { find, asked } = world({ release: CREATES, logged: ['r1'] })
    expect(await find({ gates: 'fail' })).toEqual({
      kind: 'found',
      artefacts: { modelVersion: undefined, registeredModel: undefined, modelUri: undefined, image: undefined },
    })
    expect(asked).toEqual([])
  })

  it('is not made where the policy does not name the model', async () => {
    const { find, asked } = world({ release: CREATES, logged: ['r1'], refuses: ({ kind }) => kind === 'mlflow' })
    expect(await find()).toMatchObject(missing('not allowed: mlflow'))
    expect(asked).toEqual([])
  })

  it.each([
    ['PENDING_REGISTRATION', 'version 3 of `churn`, which is still being registered'],
    ['FAILED_REGISTRATION', 'version 3 of `churn`, whose registration failed'],
  ] as const)('is not made beside one that is %s', async (status, what) => {
    const { find, asked } = world({ release: CREATES, logged: ['r1'], versions: [version('3', { status })] })
    expect(await find()).toMatchObject(missing(what))
    expect(asked).toEqual([])
  })
})

describe('the registry’s own address', () => {
  const registered = { release: '{ model: { mlflow: churn } }', versions: [version('3')] }

  it('is where MLflow says that the files lie', async () => {
    const { find, asked } = world({ ...registered, location: 's3://mlflow/1/models/m-1/artifacts' })
    expect(await find()).toMatchObject({ artefacts: { modelUri: 's3://mlflow/1/models/m-1/artifacts' } })
    expect(asked).toEqual(['locate', 's3://mlflow/1/models/m-1/artifacts'])
  })

  it('is mapped, and what the map does not cover for sure is not guessed', async () => {
    const release = '{ model: { mlflow: churn, uri_map: { "mlflow-artifacts:/": "s3://store/" } } }'
    const mapped = world({ ...registered, release, location: 'mlflow-artifacts:/1/r/model' })
    expect(await mapped.find()).toMatchObject({ artefacts: { modelUri: 's3://store/1/r/model' } })
    const trap = world({ ...registered, release, location: 'mlflow-artifacts:/1/../other' })
    expect(await trap.find()).toMatchObject(missing('which is not mapped: it has `.` or `..` segments'))
  })

  it('is no artefact where nothing asks for it: the model may be in the image', async () => {
    const { find } = world({
      ...registered,
      release: '{ model: { mlflow: churn }, image: "ghcr.io/acme/churn:{{ commit.sha }}" }',
      edit: 'yaml: { tag: "{{ image.tag }}" }',
      location: 'mlflow-artifacts:/1/r/model',
    })
    expect(await find()).toMatchObject({ kind: 'found', artefacts: { modelVersion: '3', modelUri: undefined } })
  })
})

describe('an address', () => {
  const at = (uri: string, more: Partial<World> = {}) => world({ release: `{ model: { uri: "${uri}" } }`, ...more })

  it('of a model image is pinned to its digest', async () => {
    expect(await at('oci://ghcr.io/acme/churn:{{ commit.sha }}').find()).toMatchObject({
      artefacts: { modelUri: `oci://ghcr.io/acme/churn:${LANDED}@${DIGEST}` },
    })
    expect(await at('oci+native://ghcr.io/acme/churn').find()).toMatchObject({
      artefacts: { modelUri: `oci+native://ghcr.io/acme/churn@${DIGEST}` },
    })
    expect(await at('oci://ghcr.io/acme/churn:v1', { image: { kind: 'absent' } }).find()).toMatchObject(
      missing('the image `ghcr.io/acme/churn:v1`'),
    )
    expect(await at('oci://ghcr.io/Acme').find()).toMatchObject(missing('an image behind `oci://ghcr.io/Acme`'))
  })

  it('of a web server is asked for where the policy lets it be', async () => {
    const { find, asked } = at('https://models.example.com/churn.zip')
    expect(await find()).toEqual({
      kind: 'found',
      artefacts: {
        modelUri: 'https://models.example.com/churn.zip',
        modelVersion: undefined,
        registeredModel: undefined,
        image: undefined,
      },
    })
    expect(asked).toEqual(['HEAD https://models.example.com/churn.zip'])
    const answers = (status: number) =>
      at('https://models.example.com/x', { head: { kind: 'answer', status, milliseconds: 1 } }).find()
    expect(await answers(404)).toMatchObject(missing('the artefact `https://models.example.com/x`'))
    expect(await answers(403)).toMatchObject({ artefacts: { unseen: 'the host answers 403 to this server' } })
    const down = at('https://models.example.com/x', { head: { kind: 'failed', reason: 'host not found' } })
    expect(await down.find()).toMatchObject(missing('host not found'))
    const forbidden = at('https://models.example.com/x', { refuses: ({ kind }) => kind === 'http' })
    expect(await forbidden.find()).toMatchObject({ artefacts: { unseen: 'the policy lets nobody ask that host' } })
    expect(forbidden.asked).toEqual([])
  })

  it.each(['hf://acme/churn', 'gs://acme/churn', 'pvc://models/churn'])(
    '%s is taken at its word, and said to be',
    async (uri) => {
      const { find, asked } = at(uri)
      expect(await find()).toMatchObject({
        artefacts: { modelUri: uri, unseen: expect.stringContaining('cannot look into') },
      })
      expect(asked).toEqual([])
    },
  )
})

describe('an image', () => {
  const of = (image: string, more: Partial<World> = {}) =>
    world({ release: `{ image: "${image}" }`, edit: 'yaml: { tag: "{{ image.digest }}" }', ...more })

  it.each([
    ['ghcr.io/acme/churn:{{ commit.sha }}', `ghcr.io/acme/churn ${LANDED}`, LANDED],
    [`ghcr.io/acme/churn:v1@${DIGEST}`, `ghcr.io/acme/churn ${DIGEST}`, 'v1'],
    [`ghcr.io/acme/churn@${DIGEST}`, `ghcr.io/acme/churn ${DIGEST}`, undefined],
  ])('%s is asked for as %s', async (image, asks, tag) => {
    const { find, asked } = of(image)
    expect(await find()).toMatchObject({ artefacts: { image: { repository: 'ghcr.io/acme/churn', digest: DIGEST } } })
    expect((await find()) as unknown).toHaveProperty('artefacts.image.tag', tag)
    expect(asked[0]).toBe(asks)
  })

  it('of a head that is not merged may be built from the test merge', async () => {
    const { find, asked } = of('ghcr.io/acme/churn:{{ commit.sha }}', { image: { kind: 'absent' } })
    const merge = sha('7e57')
    const record = {
      repository,
      model: 'churn' as never,
      origin: 'pull_request',
      commit: HEAD,
      pullRequest: { number: 1, id: 'PR', headSha: HEAD, testMergeCommit: merge, headRef: 'b', author: 'bob' },
      begunAt: '2026-03-03T10:00:00Z',
      sequence: 1,
      state: { kind: 'pending', missing: [] },
    } as const
    expect(await find({ record })).toMatchObject(missing(`ghcr.io/acme/churn:${HEAD}`))
    expect(asked).toEqual([`ghcr.io/acme/churn ${HEAD}`, `ghcr.io/acme/churn ${merge}`])
  })
})

it('everything that is missing is named at once, what depends on it left out', async () => {
  const release =
    '{ model: { mlflow: churn, uri: "s3://b/{{ model.version }}" }, image: "ghcr.io/acme/churn:{{ commit.sha }}" }'
  const { find, asked } = world({ release, image: { kind: 'absent' } })
  expect(await find()).toMatchObject(missing('a registered version', 'the image `ghcr.io/acme/churn:'))
  expect(asked).toEqual([`ghcr.io/acme/churn ${LANDED}`])
  const later = world({ release, image: { kind: 'absent' }, bucket: { kind: 'absent' }, versions: [version('3')] })
  expect(await later.find()).toMatchObject(missing('the artefact `s3://b/3`', 'the image `ghcr.io/acme/churn:'))
})
