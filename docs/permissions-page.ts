/** docs/permissions.md, written from the table of rights and from the rules, so that page and code cannot disagree. Part of generate.ts. */
import type { Via } from '../src/domain/promotion.ts'
import { RIGHTS } from '../src/domain/rights.ts'
import { type RuleName, skips } from '../src/domain/rules.ts'
import type { ForceableRule } from '../src/domain/settings.ts'

const INTRODUCTION = `# Who may do what

<!-- Written by \`npm run docs\` from src/domain/rights.ts and src/domain/rules.ts; change it there. -->

Two sides have a say. The model repository names people under \`environments:\` and \`models:\`; the config repository may insist on people of its own
under \`accepts[].require\`. Where both name some, a person must be on **both** lists. A right is asked when a command is read **and again when what it asked for
is written**: who lost it in between is told so, and nothing is merged. What cannot be found out counts as no.

Every case worked out, as a table: [permissions-matrix.md](permissions-matrix.md). How to set it up: [guides/who-may.md](guides/who-may.md).

## Rights
`

const NAMES = `## Names in lists

| Written | Means |
| --- | --- |
| \`user:alice\` | This person, as long as they have access to one of the two repositories. |
| \`user:renovate[bot]\` | This App's account. Bots that no list names are not heard at all. |
| \`team:ml-leads\` | Its members and those of teams below it. In the model repository's file a team of its owner; in the config repository's, of *its* owner. |
| \`team:acme/ml-leads\` | The same, of that organisation. The App must be installed there with *Members: read*. |
| \`role:read\`, \`role:triage\`, \`role:write\`, \`role:maintain\`, \`role:admin\` | People with at least this permission: in an environment's lists in **both** repositories, in a model's \`overriders\` in the model repository, under \`require:\` in the config repository. |
| \`role:release-manager\` | People with exactly this custom repository role, in the same repositories. |

## Which promotion is asked which rule

A right is one of several rules. Automation asks nobody; a person may pass rules only with \`/deploy --force "<reason>"\`, where the environment lists them.
Soak (with its order), freezes and approvals that the config repository insists on stay, whatever is forced.
`

const RULES: Readonly<Record<RuleName, string>> = {
  'who-may': 'whoever asked has the right',
  newer: 'not older than what is live',
  release: 'the release is there, with all its artefacts',
  checks: 'an unmerged head has passed the checks that its base branch and the default branch demand',
  gates: 'its gates pass, or are waived by somebody whose waiver counts here',
  after: 'verified in the environments before',
  soak: 'and for long enough',
  freeze: 'outside freeze windows',
  hold: 'no hold and no lock',
  free: 'nothing else is under way',
  values: 'the files can be edited',
  approvals: 'enough approvals of exactly this',
  'github-environment': 'what GitHub’s own environment of that name demands',
}

/** The page. */
export function renderPermissionsPage(): string {
  return [INTRODUCTION, rightsTable(), '', NAMES, rulesTable(), ''].join('\n')
}

function rightsTable(): string {
  const rows = Object.values(RIGHTS).map(({ does, byDefault, besides, keys, where }) => {
    const who = [byDefault, besides].filter((part) => part !== '').join('; ')
    return [does, who, keys.map((key) => `\`${key}\``).join(', ') || '–', where]
  })
  return table(['Right', 'Without lists', 'Keys', 'Asked in'], rows)
}

function rulesTable(): string {
  const by = 'alice'
  const rows = (Object.keys(RULES) as RuleName[]).map((rule) => {
    const cells = [
      asked({ kind: 'automation' }, rule),
      asked({ kind: 'deploy', by }, rule),
      forced(rule),
      asked({ kind: 'rollback', by }, rule),
      asked({ kind: 'automatic-rollback', of: 'promotion' }, rule),
    ]
    return [`\`${rule}\`: ${RULES[rule]}`, ...cells]
  })
  // Not one of the judged rules: a promotion that the config repository does not accept never comes as far as those.
  const accepts = ['`accepts`: the config repository takes it', 'asked', 'asked', 'asked', 'asked', 'asked']
  const head = ['Rule', 'Automation', '`/deploy`', '`/deploy --force`', '`/rollback`', 'Automatic rollback']
  return table(head, [accepts, ...rows])
}

const asked = (via: Via, rule: RuleName): string => (skips(via, rule, {}) === undefined ? 'asked' : '–')

/** What `force.rules` may list. */
const FORCEABLE = Object.keys({
  gates: true,
  after: true,
  soak: true,
  freeze: true,
  hold: true,
  approvals: true,
} satisfies Record<ForceableRule, true>) as readonly ForceableRule[]

/** Forcing names its rules: the row says whether naming this one helps. */
function forced(rule: RuleName): string {
  const rules = FORCEABLE.filter((each) => each === rule)
  const via: Via = { kind: 'force', by: 'alice', reason: 'why', rules }
  if (skips(via, rule, {}) === undefined) return rule === 'who-may' ? 'asked, and among `force.by`' : 'asked'
  const never = skips(via, rule, { unforceable: true }) === undefined && rule === 'hold'
  return `– where \`force.rules\` lists it${never ? ', but never a stop of the whole config repository' : ''}`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
