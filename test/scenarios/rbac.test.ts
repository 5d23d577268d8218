/** The roles of docs/guides/rbac.md are enough for a whole promotion, and hold nothing that it does not use. */
import { readFileSync } from 'node:fs'
import { loadAll } from 'js-yaml'
import { expect } from 'vitest'
import { type AccessRule, BOT } from '../../sandbox/systems/kubernetes-access.ts'
import type { LoggedRequest } from '../../sandbox/systems/switchable-server.ts'
import { scenarios } from '../support/story.ts'

type Role = { readonly kind: string; readonly metadata: { readonly namespace: string }; readonly rules: AccessRule[] }

const roles = [...readFileSync('docs/guides/rbac.md', 'utf8').matchAll(/```yaml\n(apiVersion[\s\S]*?)```/g)]
  .flatMap(([, yaml = '']) => loadAll(yaml) as Role[])
  .filter(({ kind }) => kind === 'Role')

const rulesIn = (role: string, namespace: string): readonly AccessRule[] =>
  roles
    .filter(({ metadata }) => metadata.namespace === role)
    .flatMap(({ rules }) => rules.map((rule) => ({ ...rule, namespaces: [namespace] })))

/** `watch inferenceservices`; what every account may ask about itself is left out. */
function usedBy({ method, path, query }: LoggedRequest): string | undefined {
  const [, plural, name] = /^\/apis\/[^/]+\/[^/]+\/namespaces\/[^/]+\/([a-z]+)(?:\/([^/]+))?$/.exec(path) ?? []
  if (plural === undefined) return undefined
  if (method === 'PATCH') return `patch ${plural}`
  if (query.includes('watch=true')) return `watch ${plural}`
  return `${name === undefined ? 'list' : 'get'} ${plural}`
}

scenarios()('with the documented roles everything works, and every verb of them is used', async (story) => {
  const { kubernetes } = story.world
  const granted = [...rulesIn('argocd', 'argocd'), ...rulesIn('prod', 'staging'), ...rulesIn('prod', 'prod')]
  expect(granted.length).toBeGreaterThan(4)
  kubernetes.grant(BOT.token, granted)
  // Argo CD without a webhook is asked to look at Git.
  story.world.argocd.script('churn-prod', { deaf: true })
  const pull = await story.releases('better')
  await story.deploys()
  await story.verifies()
  expect(story.reply(pull)).toContain('verified')
  expect(kubernetes.requests.filter(({ status }) => status === 403)).toEqual([])
  const used = new Set(kubernetes.requests.flatMap((request) => usedBy(request) ?? []))
  const kinds = ['applications', 'inferenceservices', 'deployments']
  const allowed = granted.flatMap(({ verbs, resources }) =>
    resources.filter((plural) => kinds.includes(plural)).flatMap((plural) => verbs.map((verb) => `${verb} ${plural}`)),
  )
  expect([...used].toSorted()).toEqual([...new Set(allowed)].toSorted())
})
