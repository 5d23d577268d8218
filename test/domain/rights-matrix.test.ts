/** Every cell of docs/permissions-matrix.md, which people wrote, against what the code decides, for every pair of permissions. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { renderPermissionsPage } from '../../docs/permissions-page.ts'
import { parseRepoConfig } from '../../src/config/repo-config.ts'
import { accept, stricter } from '../../src/domain/acceptance.ts'
import { parseModelName, parseRepoName, type RepoName } from '../../src/domain/ids.ts'
import type { Via } from '../../src/domain/promotion.ts'
import { mayDo, RIGHTS, type Right, type SceneOf } from '../../src/domain/rights.ts'
import { type RuleName, skips } from '../../src/domain/rules.ts'
import type { EnvironmentSettings, ForceableRule, ModelSettings, RepoSettings } from '../../src/domain/settings.ts'
import { PERMISSIONS, type Permission, type PersonStanding } from '../../src/domain/standing.ts'
import { NOTHING_WRITTEN } from '../../src/domain/written-artefacts.ts'
import { COMMANDS } from '../../src/handlers/commands/index.ts'
import { known } from './reference-settings.ts'

const page = readFileSync('docs/permissions-matrix.md', 'utf8')
const model = known(parseRepoName('acme/models'))
const config = known(parseRepoName('acme/ml-config'))
const churn = known(parseModelName('churn'))

/** What the page leaves out of its configurations, since it says nothing about people. */
const REST = `
    repository: acme/ml-config
    edit: [{ file: values.yaml, yaml: { tag: "{{ commit.sha }}" } }]
    sync: { argocd: { application: churn } }`

type Section = {
  readonly title: string
  readonly yaml: readonly string[]
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

const cellsOf = (line: string): readonly string[] =>
  line
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim())

const sections: readonly Section[] = page
  .split(/^## /m)
  .slice(1)
  .map((text) => {
    const [head = '', , ...rows] = text.split('\n').filter((line) => line.startsWith('| '))
    return {
      title: text.slice(0, text.indexOf('\n')),
      yaml: [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml = '']) => yaml),
      head: cellsOf(head),
      rows: rows.map(cellsOf),
    }
  })

function settingsOf(text: string): RepoSettings {
  const whole = `version: 1\n${text}`
    .replace(/^environments:\n {2}(\w+):/m, `environments:\n  $1:${REST}`)
    .replace('from: acme/models', 'from: acme/models\n    paths: ["**"]')
  const parsed = parseRepoConfig(whole, { file: 'page' })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return parsed.settings
}

type Side = { readonly environment: EnvironmentSettings | undefined; readonly settings: ModelSettings | undefined }

/** The section's environment as both repositories together want it. */
function sideOf([own, insisting]: readonly string[]): Side {
  if (own === undefined) return { environment: undefined, settings: undefined }
  const { environments, models } = settingsOf(own)
  const [environment] = environments.values()
  if (environment === undefined) throw new Error('the section has no environment')
  const { name } = environment
  if (insisting === undefined) return { environment, settings: models.get(churn) }
  const request = { from: model, model: churn, environment: name, isUnmerged: false, paths: [], ...NOTHING_WRITTEN }
  const verdict = accept(settingsOf(insisting).accepts, request)
  if (verdict.kind === 'refused') throw new Error(verdict.reasons.join())
  return { environment: stricter(environment, verdict.require), settings: models.get(churn) }
}

/** The person of a row, with these permissions; undefined for one of whom nothing is known. */
function personOf(row: string, one: Permission, other: Permission): PersonStanding | undefined {
  if (row === 'unknown') return undefined
  const [who = ''] = row.split(', the ')
  const roles = (names: readonly string[]): ReadonlySet<string> => new Set(names)
  const isManager = who.startsWith('release-manager')
  const managerOf = (repository: RepoName) =>
    roles(isManager && (who.endsWith('both') || repository === model) ? ['release-manager'] : [])
  return {
    login: who.startsWith('a member') ? 'mia' : isManager ? 'rita' : who,
    permissions: new Map([
      [model, one],
      [config, other],
    ]),
    roles: new Map([model, config].map((repository) => [repository, managerOf(repository)])),
    teams: new Set(['ml-leads', 'platform'].filter((team) => who.includes(team)).map((team) => `acme/${team}`)),
  }
}

/** In words of the page's first table. */
function allows(cell: string, one: Permission, other: Permission): boolean {
  if (cell === 'yes') return true
  if (cell === 'no') return false
  if (cell === 'any') return one !== 'none' || other !== 'none'
  const [needed = '', neededThere = ''] = cell.split('/')
  const has = (least: string, permission: Permission): boolean => {
    if (least === '-') return true
    const index = (PERMISSIONS as readonly string[]).indexOf(least)
    if (index < 1) throw new Error(`a cell that nobody understands: ${cell}`)
    return PERMISSIONS.indexOf(permission) >= index
  }
  return has(needed, one) && has(neededThere, other)
}

const isRight = (name: string): name is Right => Object.hasOwn(RIGHTS, name)

function sceneOf(row: string, login: string | undefined, { environment, settings }: Side): SceneOf<Right> {
  const isRequester = row.endsWith('the requester')
  const isAuthor = row.endsWith('the author')
  return {
    repositories: { model, config },
    repository: model,
    config,
    ...(environment && { environment }),
    ...(settings && { model: settings }),
    requester: isRequester ? login?.toUpperCase() : 'somebody-else',
    author: isAuthor ? login : undefined,
  } as SceneOf<Right>
}

const matrices = sections.filter(({ head }) => head[0] === 'Who')
let cases = 0

describe.each(matrices)('$title', ({ yaml, head, rows }) => {
  const side = sideOf(yaml)
  const columns = head.slice(1)

  it.each(rows)('%s', (row, ...cells) => {
    const different: string[] = []
    for (const [column, right] of columns.entries()) {
      if (!isRight(right)) throw new Error(`there is no right ${right}`)
      for (const one of PERMISSIONS) {
        for (const other of PERMISSIONS) {
          const person = personOf(row, one, other)
          const { may } = mayDo(right, person, sceneOf(row, person?.login, side) as never)
          cases++
          if (may !== allows(cells[column] ?? '', one, other)) different.push(`${right} with ${one}/${other}: ${may}`)
        }
      }
    }
    expect(different).toEqual([])
  })
})

it('has every right, and thousands of cases', () => {
  expect([...new Set(matrices.flatMap(({ head }) => head.slice(1)))].toSorted()).toEqual(Object.keys(RIGHTS).toSorted())
  expect(cases).toBeGreaterThan(10_000)
})

it('says where each command is heard', () => {
  const table = sections.find(({ head }) => head[0] === 'Command')
  const spots = (cells: readonly string[]) => table?.head.slice(1).filter((_, at) => cells[at] === 'yes')
  const heard = table?.rows.map(([name, ...cells]) => [name, spots(cells)])
  expect(heard?.toSorted()).toEqual(COMMANDS.map(({ name, spots }) => [name, spots]).toSorted())
})

it('knows a right for each command', () => {
  const does = Object.values(RIGHTS).flatMap((rule) => rule.does.match(/\/\w+/g) ?? [])
  expect(COMMANDS.map(({ name }) => `/${name}`).filter((name) => !does.includes(name))).toEqual([])
})

describe('which rule is asked of what', () => {
  const table = sections.find(({ head }) => head[0] === 'Rule')
  const [, ...kinds] = table?.head ?? []
  const by = 'alice'
  const vias: Readonly<Record<string, Via>> = {
    automation: { kind: 'automation' },
    deploy: { kind: 'deploy', by },
    rollback: { kind: 'rollback', by },
    'automatic-rollback': { kind: 'automatic-rollback', of: 'promotion' },
  }
  const forceable: readonly ForceableRule[] = ['gates', 'after', 'soak', 'freeze', 'hold', 'approvals']
  /** Every set of rules that an environment may let people force. */
  const sets = Array.from({ length: 2 ** forceable.length }, (_, bits) =>
    forceable.filter((_, at) => (bits >> at) % 2 === 1),
  )

  it.each(table?.rows ?? [])('%s', (rule, ...cells) => {
    for (const [at, kind] of kinds.entries()) {
      const cell = cells[at]
      const asked = (via: Via): boolean => skips(via, rule as RuleName, {}) === undefined
      const via = vias[kind]
      if (via !== undefined) expect([kind, asked(via)]).toEqual([kind, cell === 'yes'])
      else
        for (const rules of sets)
          expect([rules, asked({ kind: 'force', by, reason: 'why', rules })]).toEqual([
            rules,
            cell === 'listed' ? !rules.some((each) => each === rule) : cell === 'yes',
          ])
    }
  })

  it('of all rules', () => {
    const rules = [...renderPermissionsPage().matchAll(/^\| `([\w-]+)`: /gm)].map(([, name]) => name)
    expect(['accepts', ...(table?.rows ?? []).map(([rule]) => rule)]).toEqual(rules)
  })

  it('a stop of the whole config repository is forced by nobody', () => {
    const forced: Via = { kind: 'force', by, reason: 'why', rules: forceable }
    expect(skips(forced, 'hold', { unforceable: true })).toBeUndefined()
  })
})
