/** The page docs/guides/faults.md: what the fault matrix has seen, by kind of call. test/contract/outside-calls.test.ts compares and writes it. */
import { cellsOf, isRecorded } from './fault-cells.ts'
import { OUTAGES } from './fault-lasting.ts'
import { type FaultRecord, type RecordedOutcome, readFaultRecord } from './fault-record.ts'
import { FAULTS, fits } from './outside-faults.ts'

type Group = { readonly title: string; readonly has: (call: string) => boolean }

const GITHUB_WRITE = /^github (?:mutation|.*\/(?:create|add)-)/

const GROUPS: readonly Group[] = [
  { title: 'GitHub, reads', has: (call) => /^(?:github|storage) /.test(call) && !GITHUB_WRITE.test(call) },
  { title: 'GitHub, writes', has: (call) => GITHUB_WRITE.test(call) },
  { title: 'MLflow, W&B', has: (call) => /^(?:mlflow|wandb) /.test(call) },
  { title: 'bucket, registry', has: (call) => /^(?:bucket|registry) /.test(call) },
  { title: 'Kubernetes, Argo CD', has: (call) => /^(?:kubernetes|argocd) /.test(call) },
  { title: 'Prometheus, endpoints', has: (call) => /^(?:prometheus|endpoint) /.test(call) },
]

export function faultPage(): string {
  const record = readFaultRecord()
  const parts = [INTRODUCTION, outages(record), WAITS, single(record), told(record), lasting(record), coverage(record)]
  return parts.filter((part) => part !== '').join('\n')
}

/** Those that were played, with what was read. */
function outages({ outages: played }: FaultRecord): string {
  const rows = OUTAGES.flatMap(({ name, quiet = '' }) => {
    const line = played[name]
    return line === undefined ? [] : [`| ${name} | ${line === '' ? quiet : quoted(line)} |`]
  })
  return ['| For half an hour | What people read meanwhile |', '| --- | --- |', ...rows, ''].join('\n')
}

/** In a cell of a table, without the markup that would end it. */
const quoted = (line: string): string =>
  line
    .replaceAll(/^[-|>\s]+|[|\s]+$/g, '')
    .replaceAll(/\[([^\]]+)\]\([^)]*\)/g, '$1')
    .replaceAll('|', '·')
    .replaceAll(/<\w+>/g, '…')

/** ✅: every call of the group ended as without the fault. The codes: what people were told in place of that. */
function single({ calls, outcomes }: FaultRecord): string {
  const rows = FAULTS.map((fault) => {
    const cells = GROUPS.map(({ has }) => {
      const own = calls.filter((call) => has(call) && fits(fault, call))
      if (own.length === 0) return '–'
      return cellText(own.flatMap((call) => outcomes[call]?.[fault.name] ?? []))
    })
    return `| ${[fault.name, ...cells].join(' | ')} |`
  })
  const head = ['Fault', ...GROUPS.map(({ title }) => title)]
  return [SINGLE, `| ${head.join(' | ')} |`, `|${' --- |'.repeat(head.length)}`, ...rows, '', LEGEND].join('\n')
}

function cellText(outcomes: readonly RecordedOutcome[]): string {
  if (outcomes.length === 0) return 'not played yet'
  const codes = [...new Set(outcomes.flatMap((one) => (one === 'recovered' ? [] : one.codes)))].toSorted()
  const isRecovered = outcomes.includes('recovered')
  return [...(isRecovered ? ['✅'] : []), ...codes.map((code) => `[\`${code}\`](../errors.md#${code})`)].join(' ')
}

/** Each cell that left a trace, with what was read. */
function told({ outcomes }: FaultRecord): string {
  const rows = Object.entries(outcomes).flatMap(([call, faults]) =>
    Object.entries(faults).flatMap(([fault, outcome]) =>
      outcome === 'recovered' ? [] : [`| \`${call}\` | ${fault} | ${quoted(outcome.comment)} |`],
    ),
  )
  return rows.length === 0 ? '' : [TOLD, '| Call | Fault | Told |', '| --- | --- | --- |', ...rows, ''].join('\n')
}

function lasting({ lasting: played }: FaultRecord): string {
  const all = Object.values(played).flatMap((faults) => Object.values(faults))
  const quiet = all.filter((outcome) => outcome === 'recovered').length
  if (all.length === 0) return ''
  return `${LASTING}So were ${all.length} calls, each in a story of its own: ${quiet} of them left no trace once they were allowed, of the other ${all.length - quiet} people were told.
`
}

function coverage(record: FaultRecord): string {
  const cells = cellsOf(record.calls)
  const played = cells.filter((cell) => isRecorded(record.outcomes, cell)).length
  return `This page is written by \`npm run test:matrix\`: ${record.calls.length} calls and ${FAULTS.length} faults make ${cells.length} pairs that can happen, of which ${played} have been played.
`
}

const INTRODUCTION = `# When a system outside fails

Lockkeeper depends on GitHub, and on whatever of MLflow, a bucket, a registry, the cluster, Prometheus and your own endpoints its configuration names. None of them
has to be up all the time. This is what happens when one is not, as it was seen when it was made to happen.

In short: what can wait waits, and goes on by itself. What is live stays live. What is not known is not assumed: no promotion is merged, and none is called verified,
on an answer that did not come. Whoever waits reads why.

## Away for long, or a right taken away

A model was in staging; somebody asked for it in prod, and another pull request was opened, trained and merged, while the system failed at every call. When it was
back, the same was live as without the failure, nothing was there twice, and nothing was left under way. (Only an alias that MLflow refused to move stays where it was.)
`

const WAITS = `How long it waits, and who ends it:

| What | Tried again | Until |
| --- | --- | --- |
| a command | after 1 s, 2 s, … up to five minutes | a quarter of an hour; then its reply says so, and it is to be written again |
| a comparison | every ten minutes, and at once by *Re-evaluate* | \`training.within\`; then its check fails with the reason, and still follows when the answer comes |
| a release without its artefacts | after 20 seconds at first, every five minutes later | \`release.within\`; then the thread says what is missing |
| a promotion that cannot be looked at before its merge | every five minutes | the reason is told after ten minutes; it ends with the patience for any promotion (\`expires\`; 14 days for automation; half an hour for a rollback) |
| a rollout | every half a minute; a look that fails counts for nothing | \`sync.within\` and \`verify.within\`; a cluster that never answered is no failure of the release, and nothing is rolled back |
| an alias in the registry | every few minutes, for itself: the rollout does not wait for it | MLflow answers; where that says no, the thread says so, and somebody has to move it |
| webhooks that never arrived | from GitHub's log, at the start and every five minutes | the three days that GitHub keeps it |

What to do: nothing, where the system comes back. Where it does not, \`lockkeeper doctor\` asks each one and says what is wrong: an address, a credential, a right of the
App, a line of the policy. A right that was taken from the App is given back in the organisation's settings, under *Installed GitHub Apps*.
`

const SINGLE = `## One call that fails

Each call was made to fail once, in every way that is known, in stories in which models are compared, promoted, proven and rolled back. ✅: the story ended as without
the fault, nothing lost and nothing done twice. A code: whoever asked was told, with what to do next. Both: it depends on the call. A dash: that cannot happen there.
`

const LEGEND = `*Done* and *nothing done* say whether the system had done what it was asked for when the connection was lost; *one write* is one of several in one request to
GitHub. A read is sent again at once when the connection broke. A write is never sent again before it was looked whether it was done. A token that GitHub does not take
is asked for anew, once. A reaction or an issue that GitHub refuses is left out: the comments say the same. Some calls of a cell may not have been played yet.
`

const LASTING = `## One call that is refused for as long as it is made

A right that is missing does not come by itself. Each call was refused (403, or FORBIDDEN of that part of a GraphQL document) whenever it was made, until nothing went
on any more; then it was allowed again. Whatever was under way came to an end, nothing was there twice, and no release went where it should not.
`

const TOLD = `These ended otherwise, as they should, and this is what was read:
`
