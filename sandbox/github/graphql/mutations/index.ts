/** The root fields of mutations: one file per group. */
import type { Fields, ViewContext } from '../view.ts'
import { checkMutations } from './checks.ts'
import { commentMutations } from './comments.ts'
import { deploymentMutations } from './deployments.ts'
import { issueMutations } from './issues.ts'
import { pullRequestMutations } from './pull-requests.ts'
import { labelMutations, reactionMutations } from './reactions.ts'
import { refMutations } from './refs.ts'

export const mutationFields = (context: ViewContext): Fields => ({
  ...commentMutations(context),
  ...issueMutations(context),
  ...reactionMutations(context),
  ...labelMutations(context),
  ...checkMutations(context),
  ...refMutations(context),
  ...pullRequestMutations(context),
  ...deploymentMutations(context),
})
