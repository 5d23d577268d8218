/** Looks at every outside system once and says what is wrong with it. What there is to look at comes from src/examinations.ts; `lockkeeper doctor` prints it. */
import { SystemUnavailable, UserError } from '../domain/failure.ts'

export type Examination = {
  /** `MLflow`. */
  readonly system: string
  /** Which one of several; may be empty. */
  readonly name: string
  /** One line about what was seen, or why nobody looked; throws what the system's client throws. */
  readonly look: (() => Promise<string | Skipped>) | Skipped
  /** What to look at when nobody answers. */
  readonly whenDown: string
}

type Skipped = { readonly skipped: string }

export type Finding = Pick<Examination, 'system' | 'name'> &
  (
    | { readonly verdict: 'well' | 'skipped'; readonly said: string }
    /** `remedy` may have several lines. */
    | { readonly verdict: 'ill'; readonly said: string; readonly remedy: string }
  )

/** A person waits; every client gives up sooner by itself. */
const LONGEST_MS = 60_000

/** All at the same time; in the order given. Only bugs throw. What has not answered after `longestMs` is ill. */
export function examineSystems(
  examinations: readonly Examination[],
  longestMs: number = LONGEST_MS,
): Promise<readonly Finding[]> {
  return Promise.all(examinations.map((examination) => examine(examination, longestMs)))
}

async function examine({ system, name, look, whenDown }: Examination, longestMs: number): Promise<Finding> {
  const about = { system, name }
  if (typeof look !== 'function') return { ...about, verdict: 'skipped', said: look.skipped }
  try {
    const seen = await inTime(look(), { system, longestMs })
    if (typeof seen !== 'string') return { ...about, verdict: 'skipped', said: seen.skipped }
    return { ...about, verdict: 'well', said: seen }
  } catch (error) {
    if (error instanceof UserError) return { ...about, verdict: 'ill', said: error.message, remedy: error.hint }
    if (error instanceof SystemUnavailable) return { ...about, verdict: 'ill', said: error.message, remedy: whenDown }
    throw error
  }
}

async function inTime<T>(
  work: Promise<T>,
  { system, longestMs }: { readonly system: string; readonly longestMs: number },
): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const error = new SystemUnavailable(system, `no answer within ${longestMs / 1000} seconds`)
    timer = setTimeout(() => reject(error), longestMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
