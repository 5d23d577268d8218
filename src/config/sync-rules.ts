/** Rules of `sync:` over more than one key. Part of repo-rules.ts; the schema is sync-schema.ts. */
import type { RuleReport } from './rules.ts'
import { ENGINE_KEYS } from './sync-schema.ts'
import type { KeyPath } from './yaml-node.ts'

/** One engine, and one object of it. */
export function checkSync(report: RuleReport, sync: KeyPath): void {
  report.exactlyOne(sync, ENGINE_KEYS)
  if (report.has([...sync, 'argocd', 'server']) && report.has([...sync, 'argocd', 'cluster']))
    report.errorAtKey(
      [...sync, 'argocd', 'cluster'],
      'an Argo CD server knows its own clusters',
      'keep `server` or `cluster`',
    )
  report.exactlyOne([...sync, 'flux'], ['kustomization', 'helm_release'])
  report.exactlyOne([...sync, 'reported'], ['commit_status', 'deployment'])
}
