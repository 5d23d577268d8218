/** A deployment environment and its protection rules as GraphQL shows them. Which branches it takes is REST's to tell. */
import type { EnvironmentRecord } from '../../environment-model.ts'
import { connection, type PageArguments } from '../connection.ts'
import type { View, ViewContext } from '../view.ts'

export const presentEnvironment = (context: ViewContext, record: EnvironmentRecord): View => ({
  __typename: 'Environment',
  id: `EN_${Buffer.from(`k:${record.id}`).toString('base64url')}`,
  databaseId: record.id,
  name: record.name,
  protectionRules: (bounds: PageArguments, info: never) =>
    connection(bounds, info, {
      items: rulesOf(context, record),
      key: (rule) => String(rule['type']),
      view: (rule) => rule,
    }),
})

function rulesOf(context: ViewContext, record: EnvironmentRecord): readonly View[] {
  const { id, reviewers, preventSelfReview, wait, branches } = record
  const rule = (type: string, more: Partial<View> = {}): View => ({
    __typename: 'DeploymentProtectionRule',
    databaseId: id,
    type,
    timeout: 0,
    preventSelfReview: null,
    reviewers: (bounds: PageArguments, info: never) =>
      connection(bounds, info, {
        items: type === 'REQUIRED_REVIEWERS' ? (reviewers ?? []) : [],
        key: ({ nodeId }) => nodeId,
        view: (reviewer) => context.present(reviewer),
      }),
    ...more,
  })
  return [
    ...(wait === 0 ? [] : [rule('WAIT_TIMER', { timeout: wait })]),
    ...(reviewers === null ? [] : [rule('REQUIRED_REVIEWERS', { preventSelfReview })]),
    ...(branches === null ? [] : [rule('BRANCH_POLICY')]),
  ]
}
