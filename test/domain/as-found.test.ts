/** Going back to what was found: all of it, or not at all. */
import { describe, expect, it } from 'vitest'
import { type Change, foundBefore, type Promotion, type Stage } from '../../src/domain/promotion.ts'
import { type FileEdits, planEdits, restoringEdits, unrestorable } from '../../src/domain/promotion-plan.ts'

const change = (path: string, before: string, after: string): Change => ({
  file: 'values.yaml',
  path,
  document: undefined,
  before,
  after,
})
const promotion = (stage: object, changes: readonly Change[]): Promotion =>
  ({ stage: stage as Stage, changes }) as unknown as Promotion

describe('what was found', () => {
  it('is the first value of every place that any promotion changed', () => {
    const first = promotion({ at: 'verified' }, [change('uri', 'v11', 'v12')])
    const second = promotion({ at: 'verified' }, [change('uri', 'v12', 'v13'), change('tag', 't11', 't13')])
    expect(foundBefore([second, first]).map(({ path, before }) => [path, before])).toEqual([
      ['uri', 'v11'],
      ['tag', 't11'],
    ])
  })

  it('says nothing of what never reached Git', () => {
    const superseded = promotion({ at: 'superseded', wasMerged: false }, [change('uri', 'v11', 'v12')])
    const failed = promotion({ at: 'failed', revision: undefined }, [change('uri', 'v11', 'v12')])
    expect(foundBefore([failed, superseded])).toEqual([])
  })
})

describe('putting it back', () => {
  const edits: readonly FileEdits[] = [
    {
      file: 'values.yaml',
      edits: [{ kind: 'yaml', values: [{ segments: ['uri'], path: 'uri', value: 'as-found' }] }],
    },
  ]
  const texts = new Map([['values.yaml', 'uri: v13\n']])

  it('is possible where every place is still there', () => {
    expect(unrestorable(edits, [change('uri', 'v11', 'v12')], texts)).toBeUndefined()
  })

  it.each<[string, Change]>([
    ['is refused for a place that is there no more', change('tag', 't11', 't13')],
    ['is refused for a key that was added', { ...change('uri', '', 'v12'), added: true }],
  ])('%s', (_, found) => {
    expect(unrestorable(edits, [found], texts)).toMatchObject({ kind: 'refused', code: 'manifest_refused' })
  })

  it('writes nothing but what stood at that very place, whatever the edits say now', () => {
    const text = 'a: v13\nb: v13\n---\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: v13, c: v13}\n'
    const segments = [['b'], ['data', 'a'], ['data', 'c']]
    const values = segments.map((keys) => ({ segments: keys, path: keys.join('.'), value: 's3://evil/x' }))
    const files: readonly FileEdits[] = [{ file: 'values.yaml', edits: [{ kind: 'yaml', values }] }]
    const found = [
      change('a', 'not edited any more', 'v12'),
      { ...change('data.a', 'another object', 'v12'), document: 'ConfigMap b' },
      { ...change('data.c', 'another file', 'v12'), file: 'other.yaml', document: 'ConfigMap a' },
      { ...change('data.c', 'found', 'v12'), document: 'ConfigMap a' },
    ]
    const now = new Map([['values.yaml', text]])
    expect(planEdits(restoringEdits(files, found, now), now)).toMatchObject({
      kind: 'planned',
      files: [{ path: 'values.yaml', text: text.replace('c: v13', 'c: found') }],
    })
  })
})
