/** When an InferenceService in Knative or ModelMesh mode counts as serving what was promoted. Standard mode: kserve-readiness.test.ts. */
import { describe, expect, it } from 'vitest'
import type { ObservedRevision } from '../../src/domain/revision-readiness.ts'
import type { Proof } from '../../src/domain/workload-readiness.ts'
import {
  AFTER,
  condition,
  DIGEST,
  IMAGE,
  imageOf,
  judge,
  knative,
  MERGED,
  model,
  NEW,
  NOW,
  OLD,
  OTHER_DIGEST,
  revision,
  revisions,
  type Service,
  service,
  template,
  written,
} from './serving-fixture.ts'

const BROKEN = 'failed: BlockedByFailedLoad: ModelLoadFailed: no such file'
const JUST_NOW = { now: new Date(MERGED.getTime() + 30_000) }

describe('in Knative mode', () => {
  const ONE = 'churn-predictor-00001'
  const TWO = 'churn-predictor-00002'
  const share = (percent: number) => ({ traffic: { percent } })
  const failed = (reason: string, message: string) =>
    revision(NEW, { conditions: [condition('Ready', 'False', reason, { message })] })

  it.each<[string, Service, ObservedRevision | undefined, string, Partial<Proof>?]>([
    [
      'the newest revision is the ready one, carries the model and has all traffic',
      knative(),
      revision(NEW),
      `ready: Ready, serves ${NEW} by revision ${TWO}`,
    ],
    ['the revision is not there', knative(), undefined, `waiting: its revision ${TWO} is not there`],
    [
      'the newest revision is not ready, and the one before serves',
      knative({ revisions: revisions(TWO, ONE) }),
      revision(NEW, { conditions: [condition('Ready', 'Unknown', 'Deploying')] }),
      `waiting: revision ${TWO} is not ready yet, ${ONE} is`,
    ],
    [
      'no revision is ready yet',
      knative({ revisions: revisions(ONE, undefined, { latestReadyRevision: undefined, traffic: undefined }) }),
      revision(NEW, { conditions: [] }),
      `waiting: revision ${ONE} is not ready yet, none is`,
    ],
    ['there is no revision yet', knative({ revisions: {} }), undefined, 'waiting: it has no revision yet'],
    [
      'KServe has not reacted, and the old revision is well',
      knative({ revisions: revisions(ONE) }),
      revision(OLD),
      `waiting: there is no new revision yet, pods of ${ONE}: they carry ${OLD}, not ${NEW}`,
    ],
    [
      'the container of the new revision exits, and Ready of the service stays True by the old one',
      knative({ revisions: revisions(TWO, ONE) }),
      failed('ExitCode1', 'Container failed with: Traceback\nValueError: bad pickle'),
      `failed: revision ${TWO} failed: ExitCode1: ValueError: bad pickle`,
    ],
    [
      'the image of the new revision cannot be pulled',
      knative({ revisions: revisions(TWO, ONE) }),
      failed('ContainerMissing', 'Unable to fetch image "ghcr.io/acme/churn": not found.'),
      `failed: revision ${TWO} failed: ContainerMissing: Unable to fetch image "ghcr.io/acme/churn": not found`,
    ],
    [
      'there is no room for its pods yet',
      knative({ revisions: revisions(TWO, ONE) }),
      failed('Unschedulable', '0/3 nodes are available'),
      `waiting: revision ${TWO} is not ready yet, ${ONE} is`,
    ],
    [
      'it is scaled to zero',
      knative({ modelStatus: model('InProgress', 'Pending') }),
      revision(NEW),
      `ready: Ready, serves ${NEW} by revision ${TWO}; scaled to zero`,
    ],
    [
      'a pod is loading the model',
      knative({ modelStatus: model('InProgress', 'Loading') }),
      revision(NEW),
      'waiting: model is InProgress',
    ],
    [
      'the model cannot be loaded',
      knative({ revisions: revisions(TWO, ONE), modelStatus: model('BlockedByFailedLoad', 'FailedToLoad', 'no time') }),
      revision(NEW, { conditions: [] }),
      BROKEN,
    ],
    [
      'the route is not ready',
      knative({ conditions: [condition('Ready', 'False', 'RevisionMissing')] }),
      revision(NEW),
      'waiting: Ready is False (RevisionMissing)',
    ],
    [
      'the mode is not told, but there are revisions',
      knative({ mode: undefined, revisions: revisions(TWO, ONE) }),
      revision(NEW, { conditions: [] }),
      `waiting: revision ${TWO} is not ready yet, ${ONE} is`,
    ],
    [
      'a canary percentage was left in the spec: it is ready and gets a tenth of the traffic',
      knative({
        revisions: revisions(TWO, TWO, {
          latestRolledoutRevision: ONE,
          traffic: [
            { revision: TWO, percent: 10 },
            { revision: ONE, percent: 90 },
          ],
        }),
      }),
      revision(NEW),
      `waiting: revision ${TWO} gets 10 % of the traffic, not 100 %`,
    ],
    [
      'all traffic still goes to the revision before',
      knative({ revisions: revisions(TWO, TWO, { traffic: [{ revision: ONE, percent: 100 }] }) }),
      revision(NEW),
      `waiting: revision ${TWO} gets 0 % of the traffic, not 100 %`,
    ],
    [
      'KServe does not call it rolled out yet',
      knative({ revisions: revisions(TWO, TWO, { latestRolledoutRevision: ONE }) }),
      revision(NEW),
      `waiting: revision ${TWO} is not rolled out yet, ${ONE} is`,
    ],
    [
      'its traffic is split over two entries of the same revision',
      knative({
        revisions: revisions(TWO, TWO, {
          traffic: [
            { revision: TWO, percent: 60 },
            { revision: TWO, percent: 40 },
          ],
        }),
      }),
      revision(NEW),
      `ready: Ready, serves ${NEW} by revision ${TWO}`,
    ],
    [
      'an older KServe tells of no traffic',
      knative({ revisions: revisions(TWO, TWO, { traffic: undefined, latestRolledoutRevision: undefined }) }),
      revision(NEW),
      `ready: Ready, serves ${NEW} by revision ${TWO}`,
    ],
    [
      'a step of a canary has its share',
      knative({
        revisions: revisions(TWO, TWO, {
          latestRolledoutRevision: ONE,
          traffic: [
            { revision: TWO, percent: 10 },
            { revision: ONE, percent: 90 },
          ],
        }),
      }),
      revision(NEW),
      `ready: Ready, serves ${NEW} by revision ${TWO}, 10 % of the traffic`,
      share(10),
    ],
    [
      'a step of a canary has all traffic instead of its share',
      knative(),
      revision(NEW),
      `waiting: revision ${TWO} gets 100 % of the traffic, not 10 %`,
      share(10),
    ],
    [
      'the canary is taken back: its revision gets nothing',
      knative({
        revisions: revisions(TWO, TWO, {
          latestRolledoutRevision: ONE,
          traffic: [
            { revision: TWO, percent: 0 },
            { revision: ONE, percent: 100 },
          ],
        }),
      }),
      revision(NEW),
      `ready: Ready, serves ${NEW} by revision ${TWO}, 0 % of the traffic`,
      share(0),
    ],
    [
      'the revision runs the image before',
      knative(),
      revision(NEW, { template: template([NEW], [`${IMAGE}@${OTHER_DIGEST}`]) }),
      `waiting: there is no new revision yet, pods of ${TWO}: container kserve-container runs ${IMAGE}@${OTHER_DIGEST}, not ${IMAGE}@${DIGEST}`,
      { written: written({ uris: [NEW], images: [imageOf()] }) },
    ],
  ])('%s', (_, observed, pods, expected, asked = {}) => {
    expect(judge(observed, pods, asked)).toBe(expected)
  })
})

describe('in ModelMesh mode, where nothing tells which spec the state is about', () => {
  const mesh = (change: Partial<Service> = {}) => service({ mode: 'modelmesh', ...change })
  const copies = (total: number, failed = 0) => ({ ...model('UpToDate', 'Loaded'), copies: { total, failed } })
  it.each<[string, Service, string, Partial<Proof>?]>([
    ['it is loaded', mesh(), `ready: Ready, serves ${NEW}`],
    ['it says in how many copies', mesh({ modelStatus: copies(2) }), `ready: Ready, serves ${NEW} with 2 copies`],
    ['no copy is loaded', mesh({ modelStatus: copies(0) }), 'waiting: no copy of the model is loaded yet'],
    ['one copy failed', mesh({ modelStatus: copies(2, 1) }), 'waiting: 1 of 2 copies failed to load'],
    ['it is loading', mesh({ modelStatus: model('InProgress', 'Loading') }), 'waiting: model is InProgress'],
    [
      'the active model only stands by',
      mesh({ modelStatus: { ...model('UpToDate', 'Loaded'), activeModelState: 'Standby' } }),
      'waiting: the active model is Standby',
    ],
    [
      'the new model cannot be loaded and the old one goes on',
      mesh({ modelStatus: model('BlockedByFailedLoad', 'FailedToLoad', AFTER) }),
      BROKEN,
    ],
    [
      'the state is from before the change, it seems',
      mesh(),
      'waiting: its status does not say what it is about, and is believed a minute after the change',
      JUST_NOW,
    ],
    [
      'the object was changed long after the merge',
      mesh({ changedAt: new Date(NOW.getTime() - 10_000) }),
      'waiting: its status does not say what it is about, and is believed a minute after the change',
    ],
    [
      'the path is registered',
      mesh({ storageUri: undefined, storagePath: 'models/churn/12' }),
      'ready: Ready, serves models/churn/12',
      { written: written({ paths: ['models/churn/12'] }) },
    ],
    [
      'the path before is registered',
      mesh({ storageUri: undefined, storagePath: 'models/churn/11' }),
      'waiting: its storage path is models/churn/11, not models/churn/12 yet',
      { written: written({ paths: ['models/churn/12'] }) },
    ],
  ])('%s', (_, observed, expected, asked = {}) => {
    expect(judge(observed, undefined, asked)).toBe(expected)
  })
})
