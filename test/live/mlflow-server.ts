/** A real MLflow 3 server with really trained candidates, for the live suite. Installing, starting and training are shared with the recorder: sandbox/recordings/server.ts. */
import { type Candidate, type CandidateTable, PLACEHOLDERS, type Source } from '../../sandbox/recordings/candidates.ts'
import { startServer, train } from '../../sandbox/recordings/server.ts'

export type RealMlflowOptions = {
  /** The commits under which candidates are trained. Candidates that are not named here are not trained; the champion always is. */
  readonly commits: Readonly<Partial<Record<Candidate, Source | string>>>
}

/** `versions` and `runs` by candidate; of several seeds the parent run is the first. */
export type TrainedMlflow = {
  readonly url: string
  readonly experiment: string
  readonly versions: Readonly<Partial<Record<Candidate, string>>>
  readonly runs: Readonly<Partial<Record<Candidate | 'earlier', readonly string[]>>>
  /** Trains further candidates on the same server, under the next version numbers. */
  train(commits: RealMlflowOptions['commits']): Promise<TrainedMlflow>
  /** Ends the server and removes its data. */
  close(): Promise<void>
}

/** Installs MLflow when needed (about a minute), starts it (about ten seconds) and trains (one second per run, half a minute for `slow`). Throws with the server's log when it does not start. */
export async function startRealMlflow({ commits }: RealMlflowOptions): Promise<TrainedMlflow> {
  const server = await startServer()
  const trainAll = async (wanted: RealMlflowOptions['commits']): Promise<TrainedMlflow> => {
    const trained = await train(server, tableOf(wanted), Object.keys(wanted))
    const { experiment, versions, runs } = trained
    return { url: server.url, experiment, versions, runs, train: trainAll, close: server.close }
  }
  try {
    return await trainAll({ champion: PLACEHOLDERS.champion, ...commits })
  } catch (error) {
    await server.close()
    throw error
  }
}

function tableOf(commits: RealMlflowOptions['commits']): CandidateTable {
  const given = Object.entries(commits).map(([name, source]) => [
    name,
    typeof source === 'string' ? { commit: source, branch: 'candidate' } : source,
  ])
  return { ...PLACEHOLDERS, ...(Object.fromEntries(given) as Partial<CandidateTable>) }
}
