/** What runs in an environment whose way back is not proven, and what a person does about it: for reports and incidents, read at night. */
import { unlockCommand } from '../domain/hold.ts'
import { isAnothersWork, type Promotion, wasNeverApplied } from '../domain/promotion.ts'
import { code, link, plain } from './markdown.ts'

export type Unproven = {
  /** What failed last. */
  readonly failed: Promotion
  /** The name of what a rollback was to leave; undefined where the ledger does not know it. */
  readonly left: string | undefined
  /** Names of what was verified here and is not bad, without what failed; newest first. */
  readonly others: readonly string[]
}

/** One or two sentences, with bold where the reader looks first. */
export function liveNow({ failed, left }: Unproven): string {
  const { kind, stage, label, environment, release } = failed
  const [what, where] = [plain(label), plain(environment)]
  if (kind === 'promotion') return `**${what} runs in ${where}, and is not verified.** There is nothing to go back to.`
  const before = left === undefined ? 'what was there before' : `${plain(left)}, which was to be left,`
  const back = release === undefined ? 'what was found there before the first promotion' : what
  if (!isInGit(failed)) return `**${begun(before)} still runs in ${where}:** the way back to ${back} is not in Git.`
  if (wasNeverApplied(failed))
    return `**${begun(before)} may still run in ${where}:** the way back to ${back} is in Git, and was not seen to be applied.`
  if (isAnothersWork(failed))
    return `**What somebody else wrote is in Git for ${where}**, and not the way back to ${back}.`
  if (stage.at === 'failed' && stage.code === 'verify_no_data')
    return `**${begun(back)} is back in ${where}, synced and healthy; its checks had no data**, so that nobody knows whether it serves well.`
  return `**${begun(back)} is back in Git for ${where}, and is not well there.**`
}

/** What to do, in order. Markdown. */
export function whatToDo(unproven: Unproven): string {
  const { failed, others } = unproven
  const steps = [...first(unproven), ...elsewhere(failed, others), lift(failed)]
  return steps.map((step, index) => `${index + 1}. ${step}`).join('\n')
}

const isInGit = ({ stage }: Promotion): boolean => stage.at === 'failed' && stage.revision !== undefined

function first({ failed }: Unproven): readonly string[] {
  const { kind, stage, environment, label, release, pullRequest } = failed
  if (kind === 'promotion') return []
  const again = code(`/rollback ${environment}${release === undefined ? '' : ` to ${label}`}`)
  if (!isInGit(failed)) {
    const isOpen = stage.at === 'failed' && pullRequest !== undefined
    if (!isOpen) return [`Mend what stopped it, then ${again}.`]
    return [
      `Merge ${link(`promotion PR ${pullRequest.number}`, pullRequest.url)} in the config repository: nothing else is missing.`,
    ]
  }
  if (wasNeverApplied(failed))
    return [`See what keeps it from being applied. As soon as it is applied it runs, and is proven by itself.`]
  if (stage.at === 'failed' && stage.code === 'verify_no_data')
    return [
      `Bring back what the checks ask, or look at the service by hand; ${again} then proves it, and changes nothing in Git.`,
    ]
  return [`Look at what was seen; once the cause is gone, ${again} proves it again.`]
}

function elsewhere({ environment }: Promotion, others: readonly string[]): readonly string[] {
  const [newest, ...older] = others
  if (newest === undefined)
    return [
      `No other release was verified here: ${code(`/deploy ${environment}`)} of a mended one, or a revert in the config repository.`,
    ]
  const also =
    older.length === 0
      ? ''
      : ` (also verified here: ${older
          .slice(0, 4)
          .map((name) => plain(name))
          .join(', ')})`
  return [`Or go to another release that was verified here: ${code(`/rollback ${environment} to ${newest}`)}${also}.`]
}

const lift = (failed: Promotion): string =>
  `When ${plain(failed.environment)} is well: ${code(unlockCommand(failed))}. Until then automation deploys nothing there.`

/** Labels of releases are written as they are. */
const begun = (text: string): string => (text.startsWith('what ') ? `W${text.slice(1)}` : text)
