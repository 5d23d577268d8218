/** Writes the comparison's comment and check run, together and only when they changed. Part of refresh-comparison.ts; adopting after a crash: publish-comment.ts. */
import { renderMarker } from '../domain/marker.ts'
import type { Subject } from '../domain/subject.ts'
import type { Deps } from './deps.ts'
import type { CheckRunOutput, PullRequestView } from './ports.ts'
import { checkWrite, comparisonCheckKey, type Publishing, recordCheck } from './publish-check.ts'
import { commentWrite, type PlannedWrite, writeAll } from './publish-comment.ts'

/** The name by which branch rules require it. */
export const COMPARISON_CHECK = 'lockkeeper'

type Place = { readonly subject: Extract<Subject, { kind: 'pull-request' }>; readonly view: PullRequestView }

export type ComparisonPublication = {
  /** undefined: the comment is left as it is. */
  readonly comment: string | undefined
  readonly check: CheckRunOutput
}

type Needs = Pick<Deps, 'ledger' | 'github' | 'clock'>

/** One request for both; none when nothing changed. Throws when GitHub refused one, so that the run is repeated. */
export async function publishComparison(place: Place, publication: ComparisonPublication, deps: Needs): Promise<void> {
  const comment = publication.comment === undefined ? undefined : await planComment(place, publication.comment, deps)
  const check = await planCheck(place, publication, deps)
  await writeAll([comment, check], deps)
}

function planComment({ subject, view }: Place, body: string, deps: Needs): Promise<PlannedWrite | undefined> {
  const { repository, number } = subject
  const key = `comparison ${repository}#${number}`
  const marker = renderMarker('comparison')
  return commentWrite({ key, repository, number, subjectId: view.id, marker, body }, deps)
}

async function planCheck(
  { subject, view }: Place,
  { check: output }: ComparisonPublication,
  deps: Needs,
): Promise<PlannedWrite | undefined> {
  const { repository, number } = subject
  const { repositoryId, headSha } = view
  const key = comparisonCheckKey({ repository, number, headSha })
  const publishing: Publishing = { key, repository, repositoryId, headSha, name: COMPARISON_CHECK, output }
  const [write] = await checkWrite(publishing, deps)
  return write && { repository, write, record: (result) => recordCheck(publishing, result, deps) }
}
