/** The commit of the config repository that a failed promotion brought, as a link: where a person sees what the engine was to apply. */
import type { Promotion } from '../domain/promotion.ts'
import { code, link } from './markdown.ts'

/** The whole id, since people paste it; empty of what was not merged. */
export function commitLink({ stage, pullRequest }: Promotion): string {
  if (stage.at !== 'failed' || stage.revision === undefined) return ''
  const repository = pullRequest?.url.replace(/\/pull\/\d+$/, '')
  return link(code(stage.revision), repository === undefined ? undefined : `${repository}/commit/${stage.revision}`)
}
