/** How requests to one cluster are signed in, and signed in anew when what they carried is no longer taken. Used by connection.ts. */
import type { Dispatcher } from 'undici'
import { withoutEnd } from '../../domain/without-end.ts'
import { type ClusterConfig, type ClusterSettings, loadClusterConfig } from './cluster-config.ts'

/** `server` has no trailing slash. */
export type Session = {
  readonly server: string
  readonly headers: Readonly<Record<string, string>>
  readonly dispatcher: Dispatcher | undefined
}

export type Sessions = {
  /** undefined when nothing is configured. Throws when what is configured cannot be read, or a plug-in gives no credentials. */
  current(): Promise<Session | undefined>
  /** Reads everything anew, because the API server took `refused` no longer. undefined where that gives the same credentials. */
  renew(refused: Session): Promise<Session | undefined>
}

/** Connections stay open this long, and rotated tokens are read again at the latest after it. */
const KEPT_MS = 60_000
/** What was just read anew and is still not taken is not read again for this long: a plug-in may be slow, or ask a service that counts. */
const RENEWED_MS = 2000
/** A plug-in that hangs must not hold up a rollout for ever. */
const SIGN_IN_MS = 30_000

/** Reads nothing yet. */
export function openSessions(settings: ClusterSettings): Sessions {
  let config: ClusterConfig | undefined
  let kept: { readonly at: number; readonly session: Session } | undefined
  let reading: Promise<Session | undefined> | undefined
  let renewedInVain = Number.NEGATIVE_INFINITY
  const read = async (): Promise<Session | undefined> => {
    config ??= await loadClusterConfig(settings)
    const session = config && (await sessionOf(config))
    kept = session && { at: performance.now(), session }
    return session
  }
  const readOnce = (): Promise<Session | undefined> => {
    reading ??= inTime(read()).finally(() => {
      reading = undefined
    })
    return reading
  }
  return {
    current: async () => (kept !== undefined && performance.now() - kept.at < KEPT_MS ? kept.session : readOnce()),
    renew: async (refused) => {
      if (kept !== undefined && !isSame(kept.session, refused)) return kept.session
      if (performance.now() - renewedInVain < RENEWED_MS) return undefined
      // The client's own authenticators keep tokens until they expire by their own account: new ones ask again.
      if (reading === undefined) config = undefined
      const session = await readOnce()
      if (session !== undefined && !isSame(session, refused)) return session
      renewedInVain = performance.now()
      return undefined
    },
  }
}

/** Client certificates cannot be compared: where there is no header, what was read anew counts as new. */
const isSame = (one: Session, other: Session): boolean =>
  one === other ||
  (one.server === other.server &&
    one.headers['Authorization'] !== undefined &&
    one.headers['Authorization'] === other.headers['Authorization'])

async function sessionOf(config: ClusterConfig): Promise<Session | undefined> {
  const cluster = config.getCurrentCluster()
  if (!cluster) return undefined
  const headers: Record<string, string> = {}
  let dispatcher: Dispatcher | undefined
  await config.applySecurityAuthentication({
    setHeaderParam: (name, value) => {
      headers[name] = value.trim()
    },
    setDispatcher: (given) => {
      dispatcher = given
    },
  })
  return { server: withoutEnd(cluster.server, '/'), headers, dispatcher }
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const error = new Error(`no credentials within ${SIGN_IN_MS / 1000} seconds`)
    timer = setTimeout(() => reject(error), SIGN_IN_MS)
    timer.unref()
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
