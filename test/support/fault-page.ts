/** The page docs/guides/faults.md: what the fault matrix has seen, by kind of call. test/contract/outside-calls.test.ts compares and writes it. */
import { type RecordedOutcome, readFaultRecord } from './fault-record.ts'
import { FAULTS } from './outside-faults.ts'

type Group = { readonly title: string; readonly has: (call: string) => boolean }

const GITHUB_WRITE = /^github (?:Write|Annotate|.*\/(?:create|add)-)/

const GROUPS: readonly Group[] = [
  { title: 'GitHub, reads', has: (call) => /^(?:github|storage) /.test(call) && !GITHUB_WRITE.test(call) },
  { title: 'GitHub, writes', has: (call) => GITHUB_WRITE.test(call) },
  { title: 'MLflow, W&B', has: (call) => /^(?:mlflow|wandb) /.test(call) },
  { title: 'bucket, registry', has: (call) => /^(?:bucket|registry) /.test(call) },
  { title: 'Kubernetes, Argo CD', has: (call) => /^(?:kubernetes|argocd) /.test(call) },
  { title: 'Prometheus, endpoints', has: (call) => /^(?:prometheus|endpoint) /.test(call) },
]

export function faultPage(): string {
  const { outcomes } = readFaultRecord()
  const rows = FAULTS.flatMap(({ name: fault }) => {
    const cells = GROUPS.map(({ has }) =>
      Object.entries(outcomes).flatMap(([call, faults]) => {
        const outcome = faults[fault]
        return outcome !== undefined && has(call) ? [outcome] : []
      }),
    )
    return cells.every((cell) => cell.length === 0) ? [] : [`| ${[fault, ...cells.map(cellText)].join(' | ')} |`]
  })
  const head = ['Fault', ...GROUPS.map(({ title }) => title)]
  return `${INTRODUCTION}\n| ${head.join(' | ')} |\n|${' --- |'.repeat(head.length)}\n${rows.join('\n')}\n${END}`
}

/** ✅: every call of the group ended as without the fault. The codes: what people were told in place of that. */
function cellText(outcomes: readonly RecordedOutcome[]): string {
  if (outcomes.length === 0) return '–'
  const codes = [...new Set(outcomes.flatMap((one) => (one === 'recovered' ? [] : one.codes)))].toSorted()
  const isRecovered = outcomes.includes('recovered')
  return [...(isRecovered ? ['✅'] : []), ...codes.map((code) => `[\`${code}\`](../errors.md#${code})`)].join(' ')
}

const INTRODUCTION = `# When a system outside fails

Calls that Lockkeeper makes of other systems are made to fail in every way that is known, in stories in which models are compared, promoted, proven and rolled
back. ✅ means that the story ended as without the fault: nothing lost, nothing done twice. A code means that whoever asked was told, with what to do next; both
mean that it depends on the call, a dash that it was not played. *(stays)*: the fault did not pass while the story went on, and did afterwards.
`

const END = `
*Done* and *nothing done* say whether the system had done what it was asked for when the connection was lost; *one write* is one of several in one request to GitHub.
What is tried again, and for how long:

- GitHub: a read at once when the connection broke; everything else by the queue, after 1 s, 2 s, … up to five minutes, or when GitHub's own time is over. A write is
  never sent again before it was looked whether it was done.
- A command that cannot be carried out for a quarter of an hour is given up, and its reply says why.
- MLflow and Weights & Biases: three times within 45 seconds, then a comparison says so and looks again every ten minutes.
- The cluster and Prometheus: once, then the look counts for nothing, and the next one follows in half a minute.
- A release waits for its artefacts for as long as \`release.within\` says, a rollout for as long as \`sync.within\` and \`verify.within\` say.

This page is written from what \`npm run test:matrix\` has noted so far.
`
