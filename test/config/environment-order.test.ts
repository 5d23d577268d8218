/** The order of environments: which shapes load, and what is said of those in which something could never go anywhere. */
import { describe, expect, it } from 'vitest'
import { problemsOf } from './mistakes.ts'

/** Environments with what each comes after, and the rest that they need. */
const order = (after: Readonly<Record<string, string>>, more = ''): string =>
  [
    'version: 1',
    'environments:',
    ...Object.entries(after).map(
      ([name, others]) =>
        `  ${name}: { ${others === '' ? '' : `after: ${others}, `}repository: a/b, edit: [{ file: f, yaml: { a: x } }], sync: { argocd: { application: a } } }`,
    ),
    more,
  ].join('\n')

describe('an order that loads', () => {
  it.each([
    ['none', { a: '', b: '' }],
    ['a chain', { dev: '', staging: 'dev', prod: 'staging' }],
    ['two before one', { staging: '', 'eu-staging': '', prod: '[staging, eu-staging]' }],
    ['a diamond', { dev: '', us: 'dev', eu: 'dev', prod: '[us, eu]' }],
    ['a diamond with a short cut', { dev: '', us: 'dev', eu: '[dev, us]', prod: '[dev, us, eu]' }],
    ['in whatever order it is written', { prod: '[us, eu]', eu: 'dev', us: 'dev', dev: '' }],
  ])('%s', (_, after) => {
    expect(problemsOf(order(after))).toEqual([])
  })
})

describe('an order in which something could never go anywhere', () => {
  it.each([
    [
      'after itself',
      { a: 'a' },
      ['3:15 environments.a.after | `a` after `a`: nothing could ever go there | remove one `after`'],
    ],
    [
      'two after each other',
      { a: 'b', b: 'a' },
      ['3:15 environments.a.after | `a` after `b` after `a`: nothing could ever go there | remove one `after`'],
    ],
    [
      'a circle beside a diamond',
      { dev: '', us: '[dev, prod]', eu: 'dev', prod: '[us, eu]' },
      [
        '6:19 environments.prod.after[0] | `prod` after `us` after `prod`: nothing could ever go there | remove one `after`',
      ],
    ],
    [
      'after one that is not there',
      { staging: '', prod: '[staging, stagin]' },
      ['4:28 environments.prod.after[1] | there is no environment `stagin` | did you mean `staging`?'],
    ],
    [
      'after one twice',
      { staging: '', prod: '[staging, staging]' },
      ['4:28 environments.prod.after[1] | `staging` is there twice | name each environment once'],
    ],
  ])('%s', (_, after, problems) => {
    expect(problemsOf(order(after))).toEqual(problems)
  })

  it('for a model that leaves out what comes first', () => {
    const models =
      'models:\n  churn: { environments: [prod], candidate: { file: m.json }, gates: { auc: { goal: maximize, min: 0.5 } } }'
    expect(problemsOf(order({ staging: '', prod: 'staging' }, models))).toEqual([
      '6:27 models.churn.environments[0] | warning | `prod` comes after `staging`, where `churn` does not go: only force could take it there | add `staging`, or remove `prod`',
    ])
  })
})
