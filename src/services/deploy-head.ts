/** `/deploy` of a head that is not merged and has no release yet: begins one, and a promotion that goes on by itself once it is there (await-release.ts). Part of deploy-release.ts. */
import type { SpokenCommand } from '../domain/command.ts'
import { UserError } from '../domain/failure.ts'
import type { Promotion } from '../domain/promotion.ts'
import { releaseSubject } from '../domain/subject.ts'
import { type Decision, refusal } from './decide-command.ts'
import type { Deps, ReadDeps } from './deps.ts'
import { type Judged, judgePromotion } from './judge-promotion.ts'
import type { CommandRecord, ReleaseRecord } from './ledger.ts'
import type { PinnedHead } from './pin-head.ts'
import { knownTarget, readRights } from './promotion-context.ts'
import { proposeAsked, withForce } from './propose-asked.ts'
import { refusalBy } from './stopping-rules.ts'

export type HeadWish = {
  readonly wish: Promotion
  readonly head: PinnedHead
  /** An earlier command began it: it is waited for, or was given up and is looked for again. */
  readonly known: ReleaseRecord | undefined
  readonly active: Promotion | undefined
  readonly command: CommandRecord
  readonly spoken: SpokenCommand
}

/** Whoever may not, and what is held or frozen, is refused now; everything is asked once more when the release is there. */
export async function deployHead(
  { wish, head, known, active, command, spoken }: HeadWish,
  deps: ReadDeps,
): Promise<Decision> {
  const context = await rightsOf(wish, command.author, deps)
  const stage = { at: 'awaiting', missing: [], until: undefined } as const
  const promotion = withForce({ ...wish, stage }, context)
  // Nobody has judged its gates yet.
  const rules = (await judgePromotion({ promotion, context, reviews: [] }, deps)).filter(({ rule }) => rule !== 'gates')
  const refused = refusalBy(rules, promotion)
  if (refused !== undefined) return refusal(refused, rules)
  if (spoken.options.has('dry-run')) {
    throw new UserError(
      'release_pending',
      `${promotion.label} has no release yet, so that nobody knows what would change`,
      'Without `--dry-run` its release is made, and the promotion follows by itself.',
    )
  }
  return {
    kind: 'willing',
    rules,
    would: () => `A release of ${promotion.label} would be made, and promoted once it is there.`,
    carryOut: async (writing) => {
      await beginHead(promotion, { head, known }, writing)
      return proposeAsked({ spoken, promotion, active }, writing)
    },
  }
}

async function rightsOf(promotion: Promotion, login: string, deps: ReadDeps): Promise<Judged['context']> {
  const { environment, person } = await readRights(promotion, login, deps)
  const { key, model } = await knownTarget(promotion, deps)
  const standings = new Map(person === undefined ? [] : [[login, person] as const])
  return { key, model, environment, release: undefined, world: { standings } }
}

type Begun = Pick<HeadWish, 'head' | 'known'>

/** Begun before the promotion that waits for it, so that a crash in between leaves nobody waiting for nothing. */
async function beginHead({ repository, model }: Promotion, { head, known }: Begun, deps: Deps): Promise<void> {
  const { ledger, clock, hints } = deps
  const { sha: commit, view } = head
  const { number, id, testMergeCommit, headRef, author, baseSha: parent } = view
  const begun = {
    repository,
    model,
    origin: 'pull_request',
    commit,
    pullRequest: { number, id, headSha: commit, testMergeCommit, headRef, author },
    parent,
    begunAt: clock.now().toISOString(),
  } as const
  await ledger.beginRelease(begun)
  if (known?.state.kind === 'given-up')
    await ledger.saveRelease({ ...begun, sequence: known.sequence, state: { kind: 'pending', missing: [] } })
  await hints.hint(releaseSubject(begun))
}
