/** Looks at every outside system once and says what is wrong with it. What there is to look at comes from src/examinations.ts; `lockkeeper doctor` prints it. */
import { SystemUnavailable, UserError } from '../domain/failure.ts'

export type Examination = {
  /** `MLflow`. */
  readonly system: string
  /** Which one of several; may be empty. */
  readonly name: string
  /** One line about what was seen; throws what the system's client throws. Or why nobody looks. */
  readonly look: (() => Promise<string>) | { readonly skipped: string }
  /** What to look at when nobody answers. */
  readonly whenDown: string
}

export type Finding = Pick<Examination, 'system' | 'name'> &
  (
    | { readonly verdict: 'well' | 'skipped'; readonly said: string }
    | { readonly verdict: 'ill'; readonly said: string; readonly remedy: string }
  )

/** All at the same time; in the order given. Only bugs throw. */
export function examineSystems(examinations: readonly Examination[]): Promise<readonly Finding[]> {
  return Promise.all(examinations.map(examine))
}

async function examine({ system, name, look, whenDown }: Examination): Promise<Finding> {
  const about = { system, name }
  if (typeof look !== 'function') return { ...about, verdict: 'skipped', said: look.skipped }
  try {
    return { ...about, verdict: 'well', said: await look() }
  } catch (error) {
    if (error instanceof UserError) return { ...about, verdict: 'ill', said: error.message, remedy: error.hint }
    if (error instanceof SystemUnavailable) return { ...about, verdict: 'ill', said: error.message, remedy: whenDown }
    throw error
  }
}
