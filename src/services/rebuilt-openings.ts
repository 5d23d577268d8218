/** What was under way when the database was lost and is not merged: taken up where it can be proven who asked for it, else asked again. Part of rebuild-ledger.ts. */
import { code, plain } from '../comments/markdown.ts'
import { parseCommitSha, type RepoName } from '../domain/ids.ts'
import { leadingMarkers } from '../domain/marker.ts'
import { isActive, type Promotion } from '../domain/promotion.ts'
import type { Subject } from '../domain/subject.ts'
import { parseTrailers } from '../domain/trailers.ts'
import type { CommandRecord, Publication } from './ledger.ts'
import type { PastComment, Question } from './ports.ts'
import type { Carrier, Deployed } from './rebuilt-promotions.ts'

type Openings = {
  readonly promotions: readonly Promotion[]
  readonly questions: readonly Question[]
  readonly subjects: readonly Subject[]
}

type Around = {
  readonly ended: readonly Promotion[]
  readonly comments: readonly PastComment[]
  isKnown(promotion: Pick<Promotion, 'release' | 'repository'>): boolean
}

/**
 * Of open pull requests. Their commits may be trusted to say what was asked, not that it was: whoever can push may move one of
 * ours elsewhere. So the comment must be there, with our reply, and the commit is made anew from what is known.
 */
export function openingsOf(open: readonly Carrier[], around: Around): Openings {
  const promotions: Promotion[] = []
  const questions: Question[] = []
  const subjects: Subject[] = []
  for (const { pull, kept } of open) {
    const place = { repository: pull.repository, number: pull.number }
    if (!around.isKnown(kept)) subjects.push(...releaseSubjects(pull.commit?.message ?? '', kept.repository))
    const promotion: Promotion = { ...kept, changes: [], pullRequest: undefined, stage: { at: 'proposed' } }
    const isFree = ![...around.ended, ...promotions].some((one) => isActive(one) && isSameKey(one, promotion))
    if (isFree && around.isKnown(kept) && isAsked(promotion, around.comments)) {
      promotions.push(promotion)
      questions.push({
        ...place,
        markdown:
          'The commit here is made anew, so approvals from before do not count: look at it, and approve it again.',
      })
    } else if (kept.via.kind === 'deploy' || kept.via.kind === 'force' || kept.via.kind === 'rollback') {
      const what = code(`/${kept.kind === 'rollback' ? 'rollback' : 'deploy'} ${kept.environment}`)
      questions.push({
        ...place,
        markdown: `That ${plain(kept.via.by)} asked for this is not known any more: ${what} again, if it is still wanted. This pull request is then taken over.`,
      })
    }
  }
  return { promotions, questions, subjects }
}

const isSameKey = (one: Promotion, other: Promotion): boolean =>
  one.repository === other.repository && one.model === other.model && one.environment === other.environment

/** The comment is there, by that person, and we answered it. A force is given anew: its reason is for this moment. */
function isAsked({ via, asked }: Promotion, comments: readonly PastComment[]): boolean {
  if ((via.kind !== 'deploy' && via.kind !== 'rollback') || asked === undefined) return false
  const here = comments.filter(({ repository }) => repository === asked.repository)
  const comment = here.find(({ id, isOurs }) => id === asked.commentId && !isOurs)
  return comment?.author === via.by && here.some((one) => repliesTo(one) === asked.commentId)
}

/** The comment that one of ours replies to. */
function repliesTo({ isOurs, body }: PastComment): number | undefined {
  const [first] = isOurs ? leadingMarkers(body) : []
  const id = first?.kind === 'reply' ? Number(first.fields['comment']) : Number.NaN
  return Number.isSafeInteger(id) ? id : undefined
}

/** Its release is made again from the commit that it is of. */
function releaseSubjects(message: string, repository: RepoName): readonly Subject[] {
  const sha = parseCommitSha(parseTrailers(message)?.commit ?? '')
  return sha === undefined ? [] : [{ kind: 'push', repository, sha }]
}

/** Comments that were answered are not answered again; the replies of what is under way are kept current. */
export function commandsOf(
  comments: readonly PastComment[],
  promotions: readonly Promotion[],
): readonly CommandRecord[] {
  const byId = new Map(comments.map((comment) => [`${comment.repository} ${comment.id}`, comment]))
  return comments.flatMap((reply) => {
    const id = repliesTo(reply)
    const comment = id === undefined ? undefined : byId.get(`${reply.repository} ${id}`)
    if (comment === undefined || comment.isOurs) return []
    const own = promotions.filter(
      (one) => isActive(one) && one.asked?.commentId === id && one.asked?.repository === reply.repository,
    )
    return [commandOf(comment, own)]
  })
}

function commandOf(comment: PastComment, own: readonly Promotion[]): CommandRecord {
  const { repository, id, nodeId, number, author = '', createdAt, body, isOnPullRequest } = comment
  const line = commandLines(body)[0] ?? ''
  return {
    ...{ repository, commentId: id, commentNodeId: nodeId, pullRequestNumber: number, pullRequestNodeId: '' },
    ...(isOnPullRequest ? {} : { issue: { labels: [] } }),
    ...{ author, body, createdAt: createdAt.toISOString(), heardAt: createdAt.toISOString() },
    outcomes: own.map(({ id: promotion }) => ({ kind: 'promotion', line, promotion })),
    state: own.length > 0 ? 'running' : 'done',
  }
}

const commandLines = (body: string): readonly string[] => body.match(/^[ ]{0,3}\/[a-z]+.*$/gm) ?? []

/** What is known by its marker, so that it is not looked for again. */
export function publicationsOf({
  comments,
  promotions,
  deployed,
}: {
  readonly comments: readonly PastComment[]
  readonly promotions: readonly Promotion[]
  readonly deployed: readonly Deployed[]
}): readonly Publication[] {
  const own = new Map(promotions.map((promotion) => [promotion.id, promotion]))
  const found = (key: string, nodeId: string, hash?: string) => [{ key, nodeId, hash, intendedAt: undefined }]
  const ofComments = comments.flatMap((comment) => {
    const [marker] = comment.isOurs ? leadingMarkers(comment.body) : []
    const { repository, number, nodeId } = comment
    if (marker?.kind === 'thread') return found(`thread:${repository}#${number}`, nodeId)
    if (marker?.kind === 'reply') return found(`reply:${repository}:${marker.fields['comment']}`, nodeId)
    const failed = marker?.kind === 'promotion' ? own.get(marker.fields['failed'] ?? '') : undefined
    if (failed === undefined) return []
    return found(`${failed.into === repository ? 'report-promotion' : 'report'}:${failed.id}`, nodeId)
  })
  const ofDeployments = deployed.flatMap(({ deployment: { id, statuses }, record }) =>
    found(`deployment:${record.promotion.id}`, id, statuses.at(-1)?.state),
  )
  return [...ofComments, ...ofDeployments]
}

const COMMANDS = ['deploy', 'rollback', 'approve', 'override', 'cancel', 'lock', 'unlock']
/** What is older was given up by whoever wrote it. */
const RECENT_MS = 24 * 3_600_000

/** Commands of the last day that nobody answered: heard, and lost with the database. */
export function unansweredOf(comments: readonly PastComment[], now: Date): readonly Question[] {
  const replied = new Set(comments.map((comment) => `${comment.repository} ${repliesTo(comment)}`))
  const isRecent = ({ createdAt }: PastComment) => createdAt.getTime() > now.getTime() - RECENT_MS
  return comments
    .filter((one) => !one.isOurs && isRecent(one) && !replied.has(`${one.repository} ${one.id}`))
    .flatMap(({ repository, number, body, url }) => {
      const line = commandLines(body).find((one) => COMMANDS.includes(one.trim().slice(1).split(/\s/)[0] ?? ''))
      if (line === undefined) return []
      return [
        {
          repository,
          number,
          markdown: `${code(line.trim(), 100)} in ${url} was not answered: say it again, if it is still wanted.`,
        },
      ]
    })
}

/** Of open pull requests, where `/override` was answered: whether it was granted, and for which head, is not known any more. */
export function waiversOf(
  comments: readonly PastComment[],
  open: readonly Pick<PastComment, 'repository' | 'number'>[],
): readonly Question[] {
  const replied = new Set(comments.map((comment) => `${comment.repository} ${repliesTo(comment)}`))
  const isOpen = (one: PastComment) =>
    open.some(({ repository, number }) => repository === one.repository && number === one.number)
  return comments
    .filter((one) => !one.isOurs && isOpen(one) && replied.has(`${one.repository} ${one.id}`))
    .flatMap(({ repository, number, body, url }) =>
      commandLines(body)
        .map((line) => line.trim())
        .filter((line) => /^\/override(?!.*\s--revoke\b)/.test(line))
        .map((line) => ({
          ...{ repository, number },
          markdown: `A gate that ${code(line, 100)} in ${url} waived counts again: write it again, if it is still meant for what is here now.`,
        })),
    )
}
