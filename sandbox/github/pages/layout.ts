/** What every page has: the banner, the bar with the clock, and the small pieces that pages share. */
import type { GitHubState } from '../state.ts'
import { type Html, html, textOf, trusted } from './html.ts'
import { LIVE_SCRIPT } from './live.ts'
import { STYLE } from './style.ts'

export type PageContent = { readonly title: string; readonly body: Html }

/** A whole document. The clock's buttons lead back to `path`. */
export function page(state: GitHubState, path: string, { title, body }: PageContent): string {
  const document = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · sandbox</title><link rel="icon" href="data:,"><style>${trusted(STYLE)}</style></head>
<body>
<div class="banner"><strong>Sandbox.</strong> A stand-in of GitHub on this machine, for trying Lockkeeper. Nothing here is on github.com.</div>
<header class="top"><div class="bar">
<nav aria-label="Places"><a class="brand" href="/">acme</a><a href="/acme/models">models</a><a href="/acme/ml-config">ml-config</a><a href="/environments">environments</a></nav>
<div class="clock"><span data-live="clock"><time class="mono">${moment(state.clock.now())}</time></span> <span class="soft">Berlin</span>${CLOCK_STEPS.map((step) => clockButton(step, path))}</div>
</div></header>
<main>${body}</main>
<script>${trusted(LIVE_SCRIPT)}</script>
</body></html>`
  return textOf(document)
}

type ClockStep = { readonly label: string; readonly minutes: number }

export const CLOCK_STEPS: readonly ClockStep[] = [
  { label: '+15 min', minutes: 15 },
  { label: '+1 h', minutes: 60 },
  { label: '+1 day', minutes: 24 * 60 },
]

const clockButton = ({ label, minutes }: ClockStep, path: string): Html =>
  html`<form method="post" action="/clock"><input type="hidden" name="back" value="${path}"><button name="minutes" value="${minutes}" title="Move the sandbox's clock">${label}</button></form>`

/** `Tue 24 Nov, 10:00`, in Berlin. */
export function moment(at: Date | string): string {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: 'Europe/Berlin',
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  })
  return format.format(typeof at === 'string' ? new Date(at) : at)
}

export const short = (sha: string): string => sha.slice(0, 7)

/** A heading and content in a frame. */
export const box = (head: Html | string, body: Html, kind = ''): Html =>
  html`<section class="box ${kind}"><div class="head">${head}</div>${body}</section>`

export const empty = (text: string): Html => html`<div class="body soft">${text}</div>`
