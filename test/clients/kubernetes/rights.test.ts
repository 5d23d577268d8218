/** The list of rights: complete, and as YAML what it says. */
import { load } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import { RESOURCE_TYPES } from '../../../src/clients/kubernetes/resources.ts'
import {
  APPLICATIONS,
  FLEET,
  FLUX,
  RECONCILING,
  rulesFor,
  rulesYaml,
  STARTING_SYNCS,
  WORKLOADS,
} from '../../../src/clients/kubernetes/rights.ts'

const ALL = [APPLICATIONS, STARTING_SYNCS, FLUX, RECONCILING, ...FLEET, ...WORKLOADS]

describe('what Lockkeeper needs in clusters', () => {
  it('is listed for every kind that it reads', () => {
    const listed = new Set(ALL.flatMap(({ kinds }) => kinds))
    expect([...listed].toSorted()).toEqual(Object.keys(RESOURCE_TYPES).toSorted())
  })

  it('is never more than to read, and to patch what a grant is about', () => {
    const patched = rulesFor(ALL).filter(({ verbs }) => verbs.includes('patch'))
    expect(patched.map(({ kind }) => kind)).toEqual(['Application', 'Kustomization', 'HelmRelease', 'GitRepository'])
    expect(new Set(rulesFor(ALL).flatMap(({ verbs }) => verbs))).toEqual(new Set(['get', 'list', 'watch', 'patch']))
  })

  it('is YAML in which each resource stands once', () => {
    const rules = load(rulesYaml(rulesFor(ALL))) as { apiGroups: string[]; resources: string[]; verbs: string[] }[]
    const named = rules.flatMap(({ apiGroups, resources }) => resources.map((each) => `${each}.${apiGroups[0]}`))
    expect(new Set(named).size).toBe(named.length)
    expect(named).toHaveLength(Object.keys(RESOURCE_TYPES).length)
  })
})
