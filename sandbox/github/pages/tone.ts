/** How good or bad a state is: its word, its colour, its sign. Colour is never the only difference. */
import type { SeenCheckRun, SeenPullRequest } from '../reading.ts'
import { type Html, html } from './html.ts'

type Tone = 'good' | 'bad' | 'wait' | 'done' | 'soft'

const SIGNS: Readonly<Record<Tone, string>> = { good: '✓', bad: '✕', wait: '●', done: '⇥', soft: '–' }

const TONES: Readonly<Record<string, Tone>> = {
  success: 'good',
  open: 'good',
  approved: 'good',
  synced: 'good',
  healthy: 'good',
  ready: 'good',
  failure: 'bad',
  error: 'bad',
  timed_out: 'bad',
  action_required: 'bad',
  changes_requested: 'bad',
  degraded: 'bad',
  missing: 'bad',
  merged: 'done',
  closed: 'bad',
  in_progress: 'wait',
  queued: 'wait',
  pending: 'wait',
  outofsync: 'wait',
  progressing: 'wait',
  'not ready': 'wait',
}

/** A word with its sign and colour. */
export function stateWord(word: string): Html {
  const tone = TONES[word.toLowerCase()] ?? 'soft'
  return html`<span class="${tone}"><span aria-hidden="true">${SIGNS[tone]}</span> ${word.replaceAll('_', ' ')}</span>`
}

export function statePill(word: string): Html {
  return html`<span class="state ${TONES[word.toLowerCase()] ?? 'soft'}">${word}</span>`
}

export const stateOfPullRequest = ({ merged, state }: Pick<SeenPullRequest, 'merged' | 'state'>): string =>
  merged ? 'Merged' : state === 'open' ? 'Open' : 'Closed'

export const stateOfCheck = ({ conclusion, status }: Pick<SeenCheckRun, 'conclusion' | 'status'>): string =>
  conclusion ?? status
