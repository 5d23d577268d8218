/** What runs wrote for MLflow 3's logged models, in one call for all runs. Part of mlflow.ts; what the names then mean: domain/metric-dataset.ts. */
import { UserError } from '../domain/failure.ts'
import type { LoggedMetrics, MlflowRun } from '../services/ports.ts'
import type { Answer } from './answer.ts'
import type { MlflowReply, MlflowRequest } from './mlflow-http.ts'
import { parseLoggedModel } from './mlflow-parse.ts'

/** One page of MLflow itself, at its own maximum; hosted servers may give smaller ones. */
const MAX_MODELS = 50
const MAX_PAGES = 3

/**
 * Never throws for what one route refuses: the runs were read from the same server, so that address and rights are good, and
 * MLflow 2 and some hosted servers have no logged models. Throws SystemUnavailable.
 */
export async function searchLoggedModels(
  call: (request: MlflowRequest) => Promise<MlflowReply>,
  runs: readonly MlflowRun[],
): Promise<LoggedMetrics> {
  const models = newestFirst(runs).filter((id) => /^[\w-]{1,64}$/.test(id))
  const asked = models.slice(0, MAX_MODELS)
  if (asked.length === 0) return { metrics: [], unread: 0, refusal: undefined }
  const found: Answer[] = []
  let pageToken: string | undefined
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const body = {
      experiment_ids: [...new Set(runs.map((run) => run.experimentId))].filter((id) => id !== ''),
      filter: `model_id IN (${asked.map((id) => `'${id}'`).join(', ')})`,
      max_results: MAX_MODELS,
      ...(pageToken === undefined ? {} : { page_token: pageToken }),
    }
    const reply = await withoutRefusal(() =>
      call({ method: 'POST', path: 'logged-models/search', body, isOptional: true }),
    )
    if (!reply.ok) return { metrics: [], unread: 0, refusal: reply.status === 404 ? undefined : reply.message }
    found.push(...reply.body.list('models'))
    pageToken = reply.body.maybeText('next_page_token')
    if (pageToken === undefined || pageToken === '') break
  }
  const known = new Set(runs.map((run) => run.runId))
  const isCut = pageToken !== undefined && pageToken !== ''
  return {
    metrics: found.flatMap(parseLoggedModel).filter(({ runId }) => known.has(runId)),
    unread: models.length - (isCut ? Math.min(found.length, asked.length - 1) : asked.length),
    refusal: undefined,
  }
}

/** Each run's newest model first, then each one's second: where there are too many, every run keeps some. */
function newestFirst(runs: readonly MlflowRun[]): readonly string[] {
  const lists = runs.map((run) => run.logged?.models ?? [])
  const longest = Math.max(0, ...lists.map((list) => list.length))
  const ranked = Array.from({ length: longest }, (_, rank) => lists.flatMap((list) => list[rank] ?? []))
  return [...new Set(ranked.flat())]
}

async function withoutRefusal(ask: () => Promise<MlflowReply>): Promise<MlflowReply> {
  try {
    return await ask()
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return { ok: false, status: 0, code: error.code, message: error.message }
  }
}
