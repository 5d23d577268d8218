/** The names of the trained candidates and the placeholder commits under which they are recorded. Trained by train.py, played by ../systems/mlflow.ts. */

/** What train.py trains. `champion` is version 11 of the registered model `churn`; the next five names follow in this order. */
export const CANDIDATES = [
  'champion',
  'better',
  'better-2',
  'better-3',
  'regression',
  'nan',
  'slow',
  'running',
  'failed',
] as const

export type Candidate = (typeof CANDIDATES)[number]

/** The commit (40 hex digits) and branch that a candidate's runs carry as tags. */
export type Source = { readonly commit: string; readonly branch: string }

export type CandidateTable = Readonly<Record<Candidate, Source>>

/** What train.py gives back: run ids (of several seeds: the parent first) and the registered version of each candidate that has one. */
export type Trained = {
  readonly experiment: string
  readonly runs: Readonly<Partial<Record<Candidate | 'earlier', readonly string[]>>>
  readonly versions: Readonly<Partial<Record<Candidate, string>>>
}

/** Placeholder commits: `c0de`, the candidate's place in the list, zeros. The stand-in replaces them by real ones. */
export const PLACEHOLDERS = Object.fromEntries(
  CANDIDATES.map((name, index) => [
    name,
    { commit: `c0de${String(index).padStart(4, '0')}`.padEnd(40, '0'), branch: `placeholder/${name}` },
  ]),
) as CandidateTable
