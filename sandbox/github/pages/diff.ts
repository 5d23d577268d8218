/** Changed files with their patches. */
import type { SeenDiff } from '../reading.ts'
import { type Html, html } from './html.ts'
import { box, empty } from './layout.ts'

type Changed = Pick<SeenDiff, 'path' | 'previousPath' | 'status' | 'additions' | 'deletions' | 'patch'>

export function diffs(files: readonly Changed[]): Html {
  if (files.length === 0) return empty('No file differs.')
  return html`${files.map((file) => box(head(file), body(file.patch)))}`
}

function head({ path, previousPath, status, additions, deletions }: Changed): Html {
  const from = previousPath === null ? '' : `${previousPath} → `
  return html`<code>${from}${path}</code> <span class="soft small">${status}</span> <span class="good small">+${additions}</span> <span class="bad small">−${deletions}</span>`
}

function body(patch: string | null): Html {
  if (patch === null) return empty('Binary, or only renamed.')
  return html`<div class="diff" tabindex="0">${patch.split('\n').map((line) => html`<div class="${kindOf(line)}">${line === '' ? ' ' : line}</div>`)}</div>`
}

const KINDS: Readonly<Record<string, string>> = { '+': 'plus', '-': 'minus', '@': 'hunk', '\\': 'soft' }

/** The class of a line of a diff; empty for context. */
export const kindOf = (line: string): string => KINDS[line[0] ?? ''] ?? ''
