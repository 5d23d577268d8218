/** What `lockkeeper doctor` sees of an Argo CD by its API: that the token is taken, and what its account may do with the Applications of the policy. Called by src/examinations.ts. */
import { UserError } from '../domain/failure.ts'
import { fieldsOf } from '../domain/json-fields.ts'
import { type ArgoCdAnswer, type ArgoCdServer, connectArgoCd } from './argocd-connection.ts'

/** `applications`: patterns of the policy; `sync`: whether they may be told to sync. */
export type ArgoCdExamined = {
  readonly name: string
  readonly server: ArgoCdServer
  readonly grants: readonly {
    readonly namespace: string
    readonly applications: readonly string[]
    readonly sync: boolean
  }[]
}

/** Throws UserError with what is to be done. */
export async function examineArgoCdApi({ name, server, grants }: ArgoCdExamined): Promise<string> {
  const connection = connectArgoCd(server)
  const session = await connection.ask('/api/v1/session/userinfo')
  const user = session.kind === 'answer' ? fieldsOf(session.body) : undefined
  if (session.kind !== 'answer') throw trouble(name, session)
  if (user?.['loggedIn'] !== true)
    throw new UserError(
      'system_unavailable',
      'it does not accept the token',
      `Make a new one (\`argocd account generate-token --account lockkeeper\`), and put it where \`argocd_servers.${name}\` says.`,
    )
  const account = typeof user['username'] === 'string' ? user['username'] : 'its account'
  const wanted = grants.flatMap(({ applications, sync }) =>
    applications.flatMap((application) =>
      (sync ? ['get', 'sync'] : ['get']).map((action) => ({ application, action })),
    ),
  )
  for (const { application, action } of wanted) {
    const path = `/api/v1/account/can-i/applications/${action}/*/${encodeURIComponent(application)}`
    const answer = await connection.ask(path)
    if (answer.kind !== 'answer') throw trouble(name, answer)
    // "no" about all projects: it may still be allowed in the one that counts, which only the Application names.
    if (fieldsOf(answer.body)?.['value'] === 'yes') continue
    return `signed in as ${account}; whether it may ${action} ${application} shows at the first rollout (\`p, ${account}, applications, ${action}, <project>/${application}, allow\`)`
  }
  return `signed in as ${account}`
}

function trouble(name: string, answer: Exclude<ArgoCdAnswer, { readonly kind: 'answer' }>): UserError {
  const said =
    answer.kind === 'failed' ? `does not answer (${answer.reason})` : `answered ${answer.status}: ${answer.message}`
  return new UserError(
    'system_unavailable',
    `it ${said}`,
    `Check \`argocd_servers.${name}\` in LOCKKEEPER_POLICY, and that it can be reached from here.`,
  )
}
