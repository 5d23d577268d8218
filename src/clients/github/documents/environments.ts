/** GitHub's environments of the model repository, as fields of the part that asks for it anyway. Their reader is ../read-environments.ts. */
import type { PromotionQuestion } from '../../../services/ports.ts'

/** The alias of environment `index` of the question. */
export const environmentAlias = (index: number): string => `environment${index}`

const ENVIRONMENT_PARTS = `fragment EnvironmentParts on Environment {
  name
  protectionRules(first: 20) {
    nodes {
      type
      timeout
      reviewers(first: 100) { nodes { __typename ... on User { login } ... on Team { slug organization { login } } } }
    }
  }
}`

type Asked = NonNullable<PromotionQuestion['environments']>

/** Nothing where none are asked for. */
export function environmentSelections({ names, pullRequest }: Asked = { names: [], pullRequest: undefined }) {
  const environments = names.map(
    (_, index) => `${environmentAlias(index)}: environment(name: $${environmentAlias(index)}) { ...EnvironmentParts }`,
  )
  const hasSource = names.length > 0 && pullRequest !== undefined
  const source = hasSource ? ['source: pullRequest(number: $source) { headRefName isCrossRepository }'] : []
  return {
    selection: [...environments, ...source].join('\n  '),
    declarations: {
      ...Object.fromEntries(names.map((_, index) => [environmentAlias(index), 'String!'])),
      ...(hasSource ? { source: 'Int!' } : {}),
    },
    variables: {
      ...Object.fromEntries(names.map((name, index) => [environmentAlias(index), name])),
      ...(hasSource ? { source: pullRequest } : {}),
    },
    fragments: names.length === 0 ? [] : [ENVIRONMENT_PARTS],
  }
}
