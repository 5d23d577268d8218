/** When an LLMInferenceService counts as serving what was promoted: the states that KServe and Kubernetes show. */
import { describe, expect, it } from 'vitest'
import { assessLlmService, type ObservedLlmService } from '../../src/domain/llm-readiness.ts'
import {
  AFTER,
  BEFORE,
  condition,
  deployment,
  MERGED,
  NEW,
  NOW,
  OLD,
  type Pods,
  progressing,
  surging,
  template,
  written,
} from './serving-fixture.ts'

describe('an LLMInferenceService', () => {
  const WELL = ['Ready', 'WorkloadsReady', 'RouterReady', 'PresetsCombined'].map((type) => condition(type, 'True'))
  const but = (...changed: ReturnType<typeof condition>[]) => [
    ...WELL.filter(({ type }) => !changed.some((one) => one.type === type)),
    ...changed,
  ]
  const service = (change: Partial<ObservedLlmService> = {}): ObservedLlmService => ({
    name: 'chat',
    uri: NEW,
    adapterUris: [],
    isMultiNode: false,
    hasPrefill: false,
    isStopped: false,
    changedAt: undefined,
    conditions: WELL,
    ...change,
  })
  const main = (change: Partial<Pods> = {}) => deployment({ name: 'chat-kserve', template: template([NEW]), ...change })
  const JUST_NOW = new Date(NOW.getTime() - 5000)
  it.each<[string, ObservedLlmService, readonly Pods[], string]>([
    ['it serves', service(), [main()], `ready: Ready, serves ${NEW} with 2 pods`],
    ['Argo CD has not changed it', service({ uri: OLD }), [main()], `waiting: its model is ${OLD}, not ${NEW} yet`],
    [
      'its model is that of a base',
      service({ uri: undefined }),
      [main()],
      `waiting: its model is not in its spec, not ${NEW} yet`,
    ],
    [
      'Ready is about the pods before',
      service(),
      [main({ template: template([OLD]) })],
      `waiting: chat-kserve: its pods have not changed yet: they carry ${OLD}, not ${NEW}`,
    ],
    [
      'a new pod crashes, and all conditions are True',
      service(),
      [surging({ name: 'chat-kserve', template: template([NEW]) })],
      'waiting: chat-kserve: new pods are not available yet: 1 of 2 updated, 2 of 3 available',
    ],
    [
      'new pods miss their deadline',
      service(),
      [main({ conditions: progressing('ProgressDeadlineExceeded', AFTER, 'timed out') })],
      'failed: chat-kserve: new pods did not become available: timed out',
    ],
    ['it has no Deployment', service(), [], 'waiting: there is no Deployment chat-kserve yet'],
    [
      'its prefill has no Deployment',
      service({ hasPrefill: true }),
      [main()],
      'waiting: there is no Deployment chat-kserve-prefill yet',
    ],
    [
      'its prefill has the model before',
      service({ hasPrefill: true }),
      [main(), main({ name: 'chat-kserve-prefill', template: template([OLD]) })],
      `waiting: chat-kserve-prefill: its pods have not changed yet: they carry ${OLD}, not ${NEW}`,
    ],
    [
      'its router is not ready',
      service({ conditions: but(condition('RouterReady', 'False', 'HTTPRoutesNotReady')) }),
      [main()],
      'waiting: RouterReady is False (HTTPRoutesNotReady)',
    ],
    [
      'its workloads are not told of',
      service({ conditions: [condition('Ready', 'True')] }),
      [main()],
      'waiting: no WorkloadsReady condition yet',
    ],
    ['nothing is told', service({ conditions: [] }), [main()], 'waiting: no Ready condition yet'],
    [
      'a base that it names does not exist',
      service({
        conditions: but(
          condition('PresetsCombined', 'False', 'ConfigNotFound', { message: 'no LLMInferenceServiceConfig x' }),
        ),
      }),
      [main()],
      'failed: PresetsCombined is False (ConfigNotFound: no LLMInferenceServiceConfig x)',
    ],
    [
      'a base was missing before the promotion',
      service({ conditions: but(condition('PresetsCombined', 'False', 'ConfigNotFound', { changedAt: BEFORE })) }),
      [main()],
      'waiting: PresetsCombined is False (ConfigNotFound)',
    ],
    [
      'its group is degraded while it is Ready',
      service({ conditions: [...WELL, condition('GroupDegraded', 'True', 'MemberDivergence')] }),
      [main()],
      'waiting: GroupDegraded is True (MemberDivergence)',
    ],
    [
      'somebody stopped it',
      service({ isStopped: true }),
      [],
      'waiting: it is stopped: the annotation serving.kserve.io/stop is on it',
    ],
    [
      'its pods are of a LeaderWorkerSet',
      service({ isMultiNode: true }),
      [],
      `ready: Ready, serves ${NEW} (by its conditions alone: its pods are of a LeaderWorkerSet)`,
    ],
    [
      'the same, just changed',
      service({ isMultiNode: true, changedAt: JUST_NOW }),
      [],
      'waiting: its status does not say what it is about, and is believed a minute after the change',
    ],
  ])('%s', (_, observed, deployments, expected) => {
    const { kind, detail } = assessLlmService(observed, deployments, {
      written: written({ uris: [NEW] }),
      since: MERGED,
      now: NOW,
    })
    expect(`${kind}: ${detail}`).toBe(expected)
  })
})
