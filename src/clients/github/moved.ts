/** GitHub follows the old names of repositories, to whomever they went. What was configured, accepted and approved for a name counts for nothing else. */
import { UserError } from '../../domain/failure.ts'
import type { RepoName } from '../../domain/ids.ts'
import type { Answer } from '../answer.ts'

const HINTS = {
  config: (name: string) =>
    `If it is still the right one, write \`repository: ${name}\` under \`environments:\` in the model repository's \`.github/lockkeeper.yml\`.`,
  model: (name: string) =>
    `If it is still the right one, write \`from: ${name}\` under \`accepts:\` in the config repository's \`.github/lockkeeper.yml\`, and repeat the command there.`,
}

/** Throws UserError `repository_moved` where GitHub answered for another repository than the one asked for. `nameWithOwner` has to be among the fields. */
export function requireSame(asked: RepoName, answer: Answer, role: keyof typeof HINTS): void {
  const name = answer.text('nameWithOwner')
  if (name.toLowerCase() === asked) return
  throw new UserError('repository_moved', `${asked} is ${name} now; nothing was written there`, HINTS[role](name))
}
