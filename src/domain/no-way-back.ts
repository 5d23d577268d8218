/** Why `/rollback` finds nowhere to go, and the exact next step. Asked where way-back.ts gives none. */
import type { EnvironmentName, RepoName } from './ids.ts'
import { provenBesides } from './incident.ts'
import { badReleases, type History, type Promotion, reachedGit } from './promotion.ts'

export type NoWayBack = {
  /** A clause; prose. */
  readonly message: string
  /** A sentence without its full stop; prose. */
  readonly act: string
}

type Place = {
  /** What was written into `into`, newest first. */
  readonly history: History
  readonly environment: EnvironmentName
  /** The config repository. */
  readonly into: RepoName
}

/** `leaving`: what is in Git now; undefined: nothing of ours. */
export function whyNoWayBack(leaving: Promotion | undefined, { history, environment, into }: Place): NoWayBack {
  const revert = `revert in ${into}`
  if (leaving === undefined) {
    const message = `Lockkeeper has not put anything into ${environment} yet, so there is nothing to go back to`
    return {
      message,
      act: `\`/deploy ${environment}\` puts a first release there; what stands there now goes back by a ${revert}`,
    }
  }
  if (!history.some(reachedGit))
    return {
      message: `nothing of ${environment} was put into ${into} yet, and what was proven elsewhere is no way back there`,
      act: `\`/deploy ${environment}\` proposes a release there`,
    }
  const bad = badOnes(history, leaving)
  const [first] = bad
  const found = leaving.kind === 'rollback' && leaving.release === undefined
  const isLive = leaving.stage.at === 'verified'
  if (first !== undefined) {
    const here = found ? `${environment} runs what was found before the first promotion, and ` : ''
    const they = bad.length === 1 ? 'it is bad there' : 'each of them is bad there'
    const message = `${here}${bad.join(', ')} ${bad.length === 1 ? 'was' : 'were'} verified in ${environment}, but ${they}: it failed since, or a rollback left it`
    return {
      message,
      act: `If one is right all the same, name it: \`/rollback ${environment} to ${first}\`; else \`/deploy ${environment}\` takes a mended release there`,
    }
  }
  if (found)
    return {
      message: `${environment} runs what was found before the first promotion already, and nothing older is known`,
      act: `\`/deploy ${environment}\` takes a mended release there; or ${revert}`,
    }
  const state = isLive
    ? 'is the only release that was verified'
    : 'was never verified, and neither was anything before it'
  return {
    message: `no earlier release was verified in ${environment}: ${leaving.label} ${state}${isFirstUnchanged(history) ? ', and its values stood in the files before Lockkeeper came' : ''}`,
    act: `\`/deploy ${environment}\` takes another release there; or ${revert}`,
  }
}

/** Verified once and bad now, newest first, each once. */
function badOnes(history: History, { release }: Promotion): readonly string[] {
  const bad = badReleases(history)
  const good = new Set(provenBesides({ release }, history))
  const labels = history.flatMap((one) =>
    one.stage.at === 'verified' && one.release !== undefined && one.release !== release && bad.has(one.release)
      ? [one.label]
      : [],
  )
  return [...new Set(labels)].filter((label) => !good.has(label))
}

/** No promotion had anything to change, so that nothing older is known. */
const isFirstUnchanged = (history: History): boolean =>
  history.filter(reachedGit).every(({ changes }) => changes.length === 0)
