/** A pull request: description, conversation, checks, commits and files, and a box in which a command really works. */
import { checkRunsAt } from '../check-facts.ts'
import { repositoryNamed } from '../people.ts'
import type { SeenCheckRun, SeenComment, SeenPullRequest, SeenReaction } from '../reading.ts'
import { createReadingSide } from '../reading-side.ts'
import type { GitHubState } from '../state.ts'
import { diffs } from './diff.ts'
import { type Html, html } from './html.ts'
import { box, empty, moment, type PageContent, short } from './layout.ts'
import { renderMarkdown } from './markdown.ts'
import { peopleOf } from './people.ts'
import { commitList } from './repository.ts'
import { stateOfCheck, stateOfPullRequest, statePill, stateWord } from './tone.ts'

export function pullRequestPage(state: GitHubState, name: string, number: number): PageContent {
  const reading = createReadingSide(state)
  const pull = reading.pullRequest(name, number)
  const checks = newestChecks(state, name, pull.headSha)
  const path = `/${name}/pull/${number}`
  const body = html`<div data-live="head"><h1>${pull.title} <span class="soft">#${number}</span></h1>
<p class="row">${statePill(stateOfPullRequest(pull))} <span class="soft">${pull.author} wants to merge ${plural(pull.commits.length, 'commit')} into <code>${pull.baseRef}</code> from <code>${pull.headRef}</code>${pull.merged && html` · merged by ${pull.mergedBy} as <a class="mono" href="/${name}/commit/${pull.mergeCommitSha}">${short(pull.mergeCommitSha ?? '')}</a>`}</span></p></div>
<div class="columns"><div>
<div data-live="conversation">
${box(html`<strong>${pull.author}</strong> <span class="soft small">${moment(pull.createdAt)}</span>`, html`<div class="body markdown">${pull.body === '' ? html`<span class="soft">No description.</span>` : renderMarkdown(pull.body)}</div>`, isBot(pull.author) ? 'bot' : '')}
${conversation(reading.comments(name, number), pull)}
</div>
${commentBox(state, { name, path, pull })}
<h2 id="commits">Commits</h2><div class="box" data-live="commits">${commitList(name, pull.commits)}</div>
<h2 id="files">Files changed</h2><div data-live="files">${diffs(pull.files)}</div>
</div><aside data-live="side">
${box(html`<span id="checks">Checks on <code>${short(pull.headSha)}</code></span>`, checks.length === 0 ? empty('None reported.') : html`<ul class="list">${checks.map(checkItem)}</ul>`)}
${box('Reviews', reviews(pull))}
${pull.labels.length > 0 && box('Labels', html`<div class="body row">${pull.labels.map((label) => html`<span class="tag">${label}</span>`)}</div>`)}
</aside></div>`
  return { title: `${pull.title} · ${name}#${number}`, body }
}

/** The newest run of each name and App: what GitHub shows. */
function newestChecks(state: GitHubState, name: string, sha: string): SeenCheckRun[] {
  const repository = repositoryNamed(state, name)
  const shown = new Set(checkRunsAt(repository, sha).map(({ id }) => id))
  return createReadingSide(state)
    .checkRuns(name, sha)
    .filter(({ id }) => shown.has(id))
}

function checkItem(check: SeenCheckRun): Html {
  const summary = check.summary === null ? undefined : renderMarkdown(check.summary)
  return html`<li>${stateWord(stateOfCheck(check))} <strong>${check.name}</strong> <span class="tag">${check.app}</span>
${check.title !== null && html`<div class="small">${check.title}</div>`}
${check.annotations.map(({ path, startLine, message }) => html`<div class="small"><code>${path}:${startLine}</code> ${message}</div>`)}
${summary !== undefined && html`<details class="small"><summary>Summary</summary><div class="markdown">${summary}</div></details>`}</li>`
}

type Said = { readonly at: string; readonly shown: Html }

/** Comments and reviews in the order of time. */
function conversation(comments: readonly SeenComment[], pull: SeenPullRequest): Html {
  const said: Said[] = [
    ...comments.map((comment) => ({ at: comment.createdAt, shown: commentBoxOf(comment) })),
    ...pull.reviews.map((review) => ({
      at: review.at,
      shown: box(
        html`<strong>${review.author}</strong> ${stateWord(review.state.toLowerCase())} <code>${short(review.commitSha)}</code> <span class="soft small">${moment(review.at)}</span>`,
        review.body === '' ? html`` : html`<div class="body markdown">${renderMarkdown(review.body)}</div>`,
      ),
    })),
  ]
  return html`${said.toSorted((left, right) => left.at.localeCompare(right.at)).map(({ shown }) => shown)}`
}

function commentBoxOf({ id, author, body, createdAt, edits, reactions }: SeenComment): Html {
  const edited =
    edits.length > 0 &&
    html`<span class="soft small" title="${plural(edits.length, 'edit')}">edited ${moment(edits.at(-1)?.at ?? createdAt)}</span>`
  return html`<div id="comment-${id}">${box(
    html`<strong>${author}</strong> ${isBot(author) && html`<span class="tag">bot</span>`} <span class="soft small">${moment(createdAt)}</span> ${edited}`,
    html`<div class="body markdown">${renderMarkdown(body)}</div>${reactionRow(reactions)}`,
    isBot(author) ? 'bot' : '',
  )}</div>`
}

const SIGNS: Readonly<Record<SeenReaction['content'], string>> = {
  '+1': '👍',
  '-1': '👎',
  laugh: '😄',
  confused: '😕',
  heart: '❤️',
  hooray: '🎉',
  rocket: '🚀',
  eyes: '👀',
}

function reactionRow(reactions: readonly SeenReaction[]): Html {
  if (reactions.length === 0) return html``
  const groups = Map.groupBy(reactions, ({ content }) => content)
  const shown = [...groups].map(
    ([content, given]) =>
      html`<span title="${given.map(({ by }) => by).join(', ')}">${SIGNS[content]} ${given.length}</span>`,
  )
  return html`<div class="reactions">${shown}</div>`
}

function reviews({ reviews: given }: SeenPullRequest): Html {
  if (given.length === 0) return empty('No review yet.')
  return html`<ul class="list">${given.map(({ author, state }) => html`<li>${stateWord(state.toLowerCase())} by <strong>${author}</strong></li>`)}</ul>`
}

type Box = { readonly name: string; readonly path: string; readonly pull: SeenPullRequest }

function commentBox(state: GitHubState, { name, path, pull }: Box): Html {
  const people = peopleOf(state, name)
  const select = html`<label class="row small">as <select name="as">${people.map(({ login, role }) => html`<option value="${login}">${login} (${role})</option>`)}</select></label>`
  const open = html`<button name="do" value="approve">Approve</button><button name="do" value="merge">Merge</button><button name="do" value="close">Close</button>`
  return html`<form class="box" method="post" action="${path}"><div class="head"><strong>Say or do something</strong> ${select}</div>
<div class="body"><textarea name="body" aria-label="Comment" placeholder="A comment. Try /status, /deploy prod or /help"></textarea>
<div class="row"><button class="main" name="do" value="comment">Comment</button><span data-live="buttons" class="row">${pull.state === 'open' && open}</span></div></div></form>`
}

const isBot = (login: string): boolean => login.endsWith('[bot]')

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`
