/** A share of the traffic comes and goes: what was added is taken out again byte for byte, and nothing of anybody else's with it. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { editManifest, type KserveEdit } from '../../../src/domain/manifest/index.ts'

const HEAD = 'apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata: { name: churn }\n'

/** Predictors as teams write them. */
const SHAPES: readonly (readonly [string, string])[] = [
  ['a block', 'spec:\n  predictor:\n    minReplicas: 1\n    model:\n      storageUri: s3://m/11 # live\n'],
  ['a block of nested keys only', 'spec:\n  predictor:\n    model:\n      storageUri: s3://m/11\n'],
  ['a block without a line break at its end', 'spec:\n  predictor:\n    model:\n      storageUri: s3://m/11'],
  [
    'comments around',
    'spec:\n  predictor: # ours\n    # first\n    minReplicas: 1 # one\n    model: { storageUri: s3://m/11 }\n    # last\n',
  ],
  ['braces', 'spec: { predictor: { minReplicas: 1, model: { storageUri: s3://m/11 } } }\n'],
  ['braces with the model first', 'spec: {predictor: {model: {storageUri: s3://m/11}, minReplicas: 1}}\n'],
  ['JSON', '"spec": {"predictor": {"minReplicas": 1, "model": {"storageUri": "s3://m/11"}}}\n'],
  ['quoted keys', '"spec":\n  "predictor":\n    "minReplicas": 1\n    "model": {"storageUri": "s3://m/11"}\n'],
  [
    'a block of text in it',
    'spec:\n  predictor:\n    notes: |\n      two\n      lines\n    model: { storageUri: s3://m/11 }\n',
  ],
  [
    'something behind it',
    'spec:\n  predictor:\n    model:\n      storageUri: s3://m/11\n  transformer: { containers: [{ image: a }] }\n',
  ],
  ['a second document', 'spec:\n  predictor:\n    model:\n      storageUri: s3://m/11\n---\nkind: Other\n'],
]

const base = { kind: 'kserve', name: 'churn' } as const
const share = (canaryTrafficPercent: number, storageUri: string): KserveEdit => ({
  ...base,
  canaryTrafficPercent,
  storageUri,
})
const whole = (storageUri: string): KserveEdit => ({ ...base, storageUri, without: ['canaryTrafficPercent'] })

function edited(text: string, edit: KserveEdit): string {
  const result = editManifest({ file: 'f.yaml', text, edits: [edit] })
  if (result.kind === 'refused') throw new Error(`${result.refusal.reason}\n${text}`)
  return result.kind === 'edited' ? result.text : text
}

describe('a share of the traffic', () => {
  it.each(SHAPES)('in %s is put back byte for byte', (_, spec) => {
    for (const ending of ['\n', '\r\n']) {
      const before = (HEAD + spec).replaceAll('\n', ending)
      const first = edited(before, share(10, 's3://m/12'))
      expect(first).toContain('canaryTrafficPercent')
      const second = edited(first, share(50, 's3://m/12'))
      expect(second).toMatch(/canaryTrafficPercent"?: 50/)
      const pinned = edited(second, share(0, 's3://m/11'))
      expect(edited(pinned, whole('s3://m/11'))).toBe(before)
    }
  })

  it('comes and goes in any order of shares', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SHAPES.map(([, spec]) => spec)),
        fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 5 }),
        (spec, shares) => {
          const text = shares.reduce((now, percent) => edited(now, share(percent, 's3://m/12')), HEAD + spec)
          expect(edited(edited(text, whole('s3://m/11')), whole('s3://m/11'))).toBe(HEAD + spec)
        },
      ),
    )
  })

  it('is told as gone', () => {
    const text = `${HEAD}spec:\n  predictor:\n    canaryTrafficPercent: 50\n    model: { storageUri: s3://m/12 }\n`
    const result = editManifest({ file: 'f.yaml', text, edits: [whole('s3://m/12')] })
    expect(result.kind === 'edited' && result.changes).toEqual([
      {
        file: 'f.yaml',
        line: 6,
        path: 'spec.predictor.canaryTrafficPercent',
        document: 'InferenceService churn',
        before: '50',
        after: '',
        removed: true,
      },
    ])
  })

  it.each([
    [
      'a comment that somebody wrote behind it',
      '    canaryTrafficPercent: 50 # careful\n    model: { storageUri: s3://m/12 }\n',
    ],
    ['nothing beside it', '    canaryTrafficPercent: 50\n'],
    ['a template', '    canaryTrafficPercent: "{{ .share }}"\n    model: { storageUri: s3://m/12 }\n'],
  ])('stays where there is %s', (_, keys) => {
    const text = `${HEAD}spec:\n  predictor:\n${keys}`
    const result = editManifest({ file: 'f.yaml', text, edits: [{ ...base, without: ['canaryTrafficPercent'] }] })
    expect(result.kind === 'refused' && result.refusal.reason).toMatchSnapshot()
  })
})
