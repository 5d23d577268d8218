/** No call to a system outside is forgotten by the fault matrix: what the source can ask is compared with what the matrix has played. */
import { describe, expect, it } from 'vitest'
import { callCatalogue, isEntry } from '../support/call-catalogue.ts'
import { cellName, cellsOf } from '../support/fault-cells.ts'
import { faultPage } from '../support/fault-page.ts'
import { readFaultRecord } from '../support/fault-record.ts'

const DOCTOR = 'asked by `lockkeeper doctor` alone, which tells every answer in words (test/cli/doctor-ill.test.ts)'
const PAGES = 'a further page, or a further part, of a question that is played, which fails as a whole'
const SIBLING = 'read as the kinds that are played are (kubernetes/cluster.ts): only the parser differs'
const SIMULATE = 'asked by `lockkeeper simulate` and `rebuild` alone, which somebody runs and sees fail'
const REBUILD = 'asked by `lockkeeper rebuild` alone, which somebody runs and sees fail'

const RECOVERY = 'asked after a crash alone: test/attacks/crash.test.ts kills before and after every effect'

/** Calls that no flow of the matrix plays, each with its reason. */
const NOT_PLAYED: Readonly<Record<string, string>> = {
  'github ExamineRepositories': DOCTOR,
  'github FindPullRequest': RECOVERY,
  'github ReadChecks': PAGES,
  'github ReadDepths': PAGES,
  'github ReadEditors': REBUILD,
  'github ReadIssues': 'asked after `createIssue` alone, where its answer was lost: those cells are played',
  'github ReadMoreFiles': PAGES,
  'github ReadPastDeployments': REBUILD,
  'github ReadPastPullRequests': REBUILD,
  'github apps/list-installations': DOCTOR,
  'github apps/list-repos-accessible-to-installation': DOCTOR,
  'github git/get-blob': PAGES,
  'github issues/list-comments-for-repo': REBUILD,
  'github issues/get': SIMULATE,
  'github repos/check-collaborator': PAGES,
  'github repos/get-collaborator-permission-level': PAGES,
  'github repos/list-deployments': RECOVERY,
  'github teams/get-membership-for-user-in-org': PAGES,
  'github users/get-by-username': `${SIMULATE}; and of GitHub Enterprise Server: test/clients/github-who-may.test.ts`,
  'kubernetes GET /apis/fleet.cattle.io/v1alpha1/bundles': SIBLING,
  'kubernetes GET /apis/fleet.cattle.io/v1alpha1/bundles/{name}': SIBLING,
  'kubernetes GET /apis/fleet.cattle.io/v1alpha1/gitrepos': SIBLING,
  'kubernetes GET /apis/fleet.cattle.io/v1alpha1/gitrepos/{name}': SIBLING,
  'kubernetes GET /apis/helm.toolkit.fluxcd.io/v2/helmreleases': SIBLING,
  'kubernetes GET /apis/helm.toolkit.fluxcd.io/v2/helmreleases/{name}': SIBLING,
  'kubernetes GET /apis/serving.knative.dev/v1/revisions': SIBLING,
  'kubernetes GET /apis/serving.knative.dev/v1/revisions/{name}': SIBLING,
  'kubernetes GET /apis/source.toolkit.fluxcd.io/v1/helmcharts': SIBLING,
  'kubernetes GET /apis/source.toolkit.fluxcd.io/v1/helmcharts/{name}': SIBLING,
  'kubernetes GET /apis/source.toolkit.fluxcd.io/v1/ocirepositories': SIBLING,
  'kubernetes GET /apis/source.toolkit.fluxcd.io/v1/ocirepositories/{name}': SIBLING,
}

const played = readFaultRecord().calls

describe('the fault matrix', () => {
  it.each(callCatalogue().filter((call) => NOT_PLAYED[call] === undefined))('plays %s', (call) => {
    expect(played.filter((one) => isEntry(call, one))).not.toEqual([])
  })

  it('excuses only calls that exist and that it does not play', () => {
    const excused = Object.keys(NOT_PLAYED)
    expect(excused.filter((call) => !callCatalogue().includes(call))).toEqual([])
    expect(excused.filter((call) => played.some((one) => isEntry(call, one)))).toEqual([])
  })

  it('records outcomes of calls and faults that there are', () => {
    const { calls, outcomes } = readFaultRecord()
    const cells = new Set(cellsOf(calls).map(cellName))
    const recorded = Object.entries(outcomes).flatMap(([row, faults]) =>
      Object.keys(faults).map((fault) => `${row}: ${fault}`),
    )
    expect(recorded.filter((name) => !cells.has(name))).toEqual([])
  })

  it('is told in docs/guides/faults.md as it came out (-u writes the page)', async () => {
    await expect(faultPage()).toMatchFileSnapshot('../../docs/guides/faults.md')
  })
})
