/** Rancher Fleet through the Kubernetes API: `sync: { fleet }`. The rule is src/domain/fleet-readiness.ts. One of the engines of look-at-sync.ts. */

import { withoutCredentials } from '../domain/argocd-source.ts'
import { assessGitRepo } from '../domain/fleet-readiness.ts'
import { isAddressOf } from '../domain/flux-readiness.ts'
import { waiting } from '../domain/sync-readiness.ts'
import { renderTemplate } from '../domain/template.ts'
import type { LookAtEngine } from './look-at-sync.ts'
import { overwrittenAt, revisionsOfOurs } from './our-revisions.ts'

export const lookAtFleet: LookAtEngine<'fleet'> = async (synced, { gitRepo, namespace, cluster }, deps) => {
  const { promotion, environment } = synced
  const name = renderTemplate(gitRepo, { 'model.name': promotion.model, environment: promotion.environment })
  if (!name.ok) {
    const detail = `\`${gitRepo.source}\` cannot use {{ ${name.missing} }}`
    return { kind: 'failed', because: 'sync-failed', detail }
  }
  const permit = deps.mayUse(promotion.repository, { kind: 'fleet', cluster, namespace, gitRepo: name.text })
  if (!permit.allowed) return { kind: 'blocked', detail: permit.message }
  const read = await deps.cluster.read('GitRepo', { cluster, namespace, name: name.text })
  if (read.kind === 'absent') return waiting('not-seen', `there is no GitRepo ${namespace}/${name.text}`)
  if (read.kind === 'refused') return { kind: 'blocked', detail: read.reason }
  const repo = read.object
  const atCommit = repo.commit === undefined ? [] : [repo.commit]
  const overwritten = await overwrittenAt(atCommit, synced, deps)
  if (overwritten !== undefined) return overwritten
  const isThere = (await revisionsOfOurs(atCommit, synced, deps)).size > 0
  if (!isThere && !isAddressOf(repo.repoUrl, environment.repository)) {
    const detail = `GitRepo ${namespace}/${name.text} follows ${withoutCredentials(repo.repoUrl)}, not ${environment.repository}`
    return { kind: 'blocked', detail }
  }
  if (!isThere) return assessGitRepo(repo, [], () => false)
  const labels = { 'fleet.cattle.io/repo-name': name.text }
  const bundles = await deps.cluster.list('Bundle', { cluster, namespace, labels })
  if (bundles.kind === 'refused') return { kind: 'blocked', detail: bundles.reason }
  const commits = [repo.commit, ...bundles.objects.map(({ commit }) => commit)].flatMap((commit) => commit ?? [])
  const ours = await revisionsOfOurs(commits, synced, deps)
  return assessGitRepo(repo, bundles.objects, (commit) => ours.has(commit))
}
