/** What the forms of the pages do, as the person that was chosen: the same acts as a story's. */
import { createActingSide } from '../acting.ts'
import { GitHubFailure } from '../failure.ts'
import type { GitHubState } from '../state.ts'
import { CLOCK_STEPS } from './layout.ts'
import { peopleOf } from './people.ts'
import type { Stage } from './stage.ts'

/** Where to go now, or why it was refused. */
export type Acted = { readonly to: string } | { readonly refused: string }

type Place = { readonly name: string; readonly number: number }

/** Comments, approves, merges or closes. */
export function actOnPullRequest(state: GitHubState, { name, number }: Place, form: URLSearchParams): Acted {
  const by = form.get('as') ?? ''
  if (!peopleOf(state, name).some(({ login }) => login === by)) return { refused: `${by} is nobody here` }
  const acting = createActingSide(state)
  const body = (form.get('body') ?? '').replaceAll('\r\n', '\n').trim()
  const to = `/${name}/pull/${number}`
  try {
    switch (form.get('do')) {
      case 'comment':
        if (body === '') return { refused: 'A comment needs a text.' }
        return { to: `${to}#comment-${acting.comment(name, number, body, { by })}` }
      case 'approve':
        acting.review(name, number, { by, state: 'APPROVED', body })
        return { to }
      case 'merge':
        acting.merge(name, number, { by, method: 'squash' })
        return { to }
      case 'close':
        acting.closePullRequest(name, number, { by })
        return { to }
      default:
        return { refused: 'There is no such button.' }
    }
  } catch (error) {
    if (error instanceof GitHubFailure) return { refused: `GitHub says ${error.status}: ${error.message}` }
    throw error
  }
}

/** Moves the clock by one of the steps that the buttons have. */
export function moveClock({ clock }: GitHubState, stage: Stage, form: URLSearchParams): Acted {
  const step = CLOCK_STEPS.find(({ minutes }) => String(minutes) === form.get('minutes'))
  if (step === undefined) return { refused: 'There is no such step.' }
  const milliseconds = step.minutes * 60_000
  if (stage.passTime === undefined) clock.advance(milliseconds)
  else stage.passTime(milliseconds)
  const back = form.get('back') ?? '/'
  // A path of these pages and nothing else: `//host` would lead away.
  return { to: /^\/(?!\/)[\w./%-]*$/.test(back) ? back : '/' }
}

/** Lets somebody of the story act. */
export function playAct({ acts }: Stage, form: URLSearchParams): Acted {
  const act = acts.find(({ id }) => id === form.get('act'))
  if (act === undefined) return { refused: 'There is no such act.' }
  act.run()
  return { to: '/' }
}
