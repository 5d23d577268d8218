/** An administrator's settings of deployment environments. Part of the acting side (acting.ts). */
import type { EnvironmentRecord } from './environment-model.ts'
import { asUser, organizationNamed, repositoryNamed, teamNamed } from './people.ts'
import { type GitHubState, timestamp } from './state.ts'

export type EnvironmentInput = Partial<Pick<EnvironmentRecord, 'preventSelfReview' | 'wait' | 'branches'>> & {
  /** Logins, and teams as `org/slug`. */
  readonly reviewers?: readonly string[]
}

export const environmentActs = (state: GitHubState) => ({
  /** Makes or changes an environment; null takes it away. */
  setEnvironment: (name: string, environment: string, input: EnvironmentInput | null): void => {
    const { environments } = repositoryNamed(state, name)
    const key = environment.toLowerCase()
    if (input === null) {
      environments.delete(key)
      return
    }
    const { reviewers, preventSelfReview = false, wait = 0, branches = null } = input
    const account = (who: string) => {
      const [organization = '', slug] = who.split('/')
      return slug === undefined
        ? asUser(state, who).actor.user
        : teamNamed(organizationNamed(state, organization), slug)
    }
    environments.set(key, {
      id: environments.get(key)?.id ?? state.nextId(),
      name: environment,
      createdAt: timestamp(state),
      reviewers: reviewers?.map(account) ?? null,
      ...{ preventSelfReview, wait, branches },
    })
  },
})
