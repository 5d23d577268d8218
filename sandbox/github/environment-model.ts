/** The records of deployment environments and of what protects them, and how they are found. GraphQL shows them in graphql/objects/environment.ts, REST in rest/routes/environments.ts. */
import type { Repository, Team, Timestamp, User } from './model.ts'

/** `name` as it was written; GitHub does not tell upper case from lower case. */
export type EnvironmentRecord = {
  readonly id: number
  readonly name: string
  readonly createdAt: Timestamp
  /** One of them has to review; null where nobody has to. */
  readonly reviewers: readonly (User | Team)[] | null
  readonly preventSelfReview: boolean
  /** Minutes that a job waits; 0 for none. */
  readonly wait: number
  /** Null takes every branch; `protected` those with rules; else name patterns of branches, and of tags as `tag:v*`. */
  readonly branches: 'protected' | readonly string[] | null
}

/** Undefined where there is none. A deployment makes the environment that it names, without any rules. */
export function findEnvironment(
  { environments, deployments }: Repository,
  name: string,
): EnvironmentRecord | undefined {
  const wanted = name.toLowerCase()
  const deployment = [...deployments.values()].find(({ environment }) => environment.toLowerCase() === wanted)
  const made = deployment && {
    id: deployment.id,
    name: deployment.environment,
    createdAt: deployment.createdAt,
    ...{ reviewers: null, preventSelfReview: false, wait: 0, branches: null },
  }
  return environments.get(wanted) ?? made
}
