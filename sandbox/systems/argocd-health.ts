/** Argo CD's bundled health check of InferenceServices, and how the health of an Application follows from its resources. Used by argocd.ts. */
import { at, type KubeObject } from './kubernetes-objects.ts'

export type Health = 'Healthy' | 'Suspended' | 'Progressing' | 'Missing' | 'Degraded' | 'Unknown'

const ORDER: readonly Health[] = ['Healthy', 'Suspended', 'Progressing', 'Missing', 'Degraded', 'Unknown']

/** The worst of the resources' healths; without any, Healthy. */
export function worst(healths: readonly Health[]): Health {
  return ORDER[Math.max(0, ...healths.map((health) => ORDER.indexOf(health)))] ?? 'Healthy'
}

/**
 * What the bundled script says. It is Degraded only when the model's transition is neither UpToDate nor InProgress: a
 * condition that is False for good is Progressing for ever. Neither does it compare generations, so that it may be
 * Healthy from before the change.
 */
export function inferenceHealth({ status }: KubeObject): Health {
  const listed = at(status, 'conditions')
  const conditions = Array.isArray(listed) ? listed : []
  if (conditions.length === 0) return 'Progressing'
  const statusOf = (type: string) =>
    at(
      conditions.find((one) => at(one, 'type') === type),
      'status',
    )
  if (statusOf('Stopped') === 'True') return 'Suspended'
  const transition = at(status, 'modelStatus', 'transitionStatus')
  if (transition !== undefined && transition !== 'UpToDate' && transition !== 'InProgress') return 'Degraded'
  const others = conditions.filter((one) => at(one, 'type') !== 'Stopped')
  const allTrue = others.every((one) => at(one, 'status') === 'True')
  return allTrue && transition === 'UpToDate' ? 'Healthy' : 'Progressing'
}
