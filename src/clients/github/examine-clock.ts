/** This machine's clock against GitHub's, as `lockkeeper doctor` looks at it: which of two things was first is told by both. */
import { UserError } from '../../domain/failure.ts'
import type { Clock } from '../../services/ports.ts'
import { translateFailure } from './failures.ts'
import type { GitHubOctokit } from './octokit.ts'

const APP = 'GET /app'
/** The `date` of an answer is in whole seconds. */
const SECOND_MS = 1000
/** What a network that is slow for once does not explain. */
const BEARABLE_MS = 5000

/** One line about it. Throws UserError where it is more than five seconds off, SystemUnavailable for an outage. */
export async function examineClock(appOctokit: Pick<GitHubOctokit, 'request'>, clock: Clock): Promise<string> {
  const before = clock.now().getTime()
  const date = await dateOf(appOctokit)
  const after = clock.now().getTime()
  if (Number.isNaN(date)) return 'GitHub’s answer has no date'
  const ahead = Math.max(0, before - date - SECOND_MS)
  const behind = Math.max(0, date - after)
  if (Math.max(ahead, behind) <= BEARABLE_MS) return 'as GitHub’s'
  const seconds = Math.round(Math.max(ahead, behind) / SECOND_MS)
  throw new UserError(
    'system_unavailable',
    `this machine’s clock is ${seconds} s ${ahead > 0 ? 'ahead of' : 'behind'} GitHub’s`,
    'Have it kept by NTP (`timedatectl`, `chronyc tracking`). Whether a command was written before what it is about began is told by both clocks, and GitHub takes no sign-in of an App from the future.',
  )
}

/** In milliseconds; NaN where there is none. */
async function dateOf(appOctokit: Pick<GitHubOctokit, 'request'>): Promise<number> {
  try {
    const { headers } = await appOctokit.request(APP)
    return Date.parse(headers.date ?? '')
  } catch (error) {
    throw translateFailure(error, APP, new Date())
  }
}
