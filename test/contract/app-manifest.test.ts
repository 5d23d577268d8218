/** app.yml asks GitHub for the events that src/app.ts hears and for the permissions that the code needs: not less, and not more. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { buildSchema, getNamedType, isCompositeType, isObjectType } from 'graphql'
import { load } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import { lockkeeper } from '../../src/app.ts'
import { APP_NEEDS } from '../../src/domain/app-needs.ts'
import { NEEDS_OF_EVENTS, NEEDS_OF_FIELDS, NEEDS_OF_MUTATIONS, NEEDS_OF_ROUTES, type Needs } from './permissions.ts'
import { readSources, type Source } from './sources.ts'

type Manifest = {
  readonly default_events: readonly string[]
  readonly default_permissions: Readonly<Record<string, 'read' | 'write'>>
}
const manifest = load(readFileSync('app.yml', 'utf8')) as Manifest

/** The names of the events that the App listens to, without their actions. */
function heardEvents(): readonly string[] {
  const heard: string[] = []
  const app = { on: (names: string | readonly string[]) => void heard.push(...[names].flat()) }
  lockkeeper({} as never)(app as never)
  return [...new Set(heard.map((name) => name.split('.', 1)[0] ?? ''))].toSorted()
}

const sources = readSources('src').filter(
  ({ path }) => path.startsWith('src/clients/github/') || path === 'src/outside.ts',
)

/** Every text in the code, templates without what is put into them. */
const textsOf = (source: Source): readonly string[] =>
  source.nodes.flatMap((node) => {
    if (node.type === 'Literal') return typeof node.value === 'string' ? [node.value] : []
    return node.type === 'TemplateElement' ? [node.value.cooked ?? ''] : []
  })

const unique = (values: readonly string[]): readonly string[] => [...new Set(values)].toSorted()

const routes = unique(sources.flatMap(textsOf).filter((text) => /^(?:GET|HEAD|POST|PUT|PATCH|DELETE) \//.test(text)))

const sdl = fileURLToPath(new URL('./schema.graphql', import.meta.resolve('@octokit/graphql-schema')))
const schema = buildSchema(readFileSync(sdl, 'utf8'), { assumeValid: true, assumeValidSDL: true })

const documents = sources.filter(({ path }) => path.startsWith('src/clients/github/documents/')).flatMap(textsOf)

const mutations = unique(documents.filter((text) => schema.getMutationType()?.getFields()[text] !== undefined))

/** The names of all fields of the schema that lead to something with fields of its own. */
const fieldsToObjects = new Set(
  Object.values(schema.getTypeMap()).flatMap((type) =>
    isObjectType(type) && type !== schema.getMutationType()
      ? Object.values(type.getFields())
          .filter((field) => isCompositeType(getNamedType(field.type)))
          .map(({ name }) => name)
      : [],
  ),
)

/** The words of the documents that name such a field: no variable, no alias, no argument. */
const fields = unique(
  documents
    .filter((text) => /[{(]/.test(text))
    .flatMap((text) => [...text.matchAll(/(?<![$.\w])[a-z]\w*\b(?!\s*:)/g)].map(([word]) => word))
    .filter((word) => fieldsToObjects.has(word)),
)

const namesOf = (table: Readonly<Record<string, Needs>>): readonly string[] => Object.keys(table).toSorted()

describe('events', () => {
  it('are those that the App listens to; the installation events come unasked', () => {
    expect(manifest.default_events.toSorted()).toEqual(heardEvents())
  })

  it('each say which permission GitHub wants for them', () => {
    expect(namesOf(NEEDS_OF_EVENTS)).toEqual(heardEvents())
  })
})

it('what `lockkeeper doctor` compares an App with is app.yml', () => {
  const { permissions, events } = APP_NEEDS
  expect({ default_permissions: permissions, default_events: events }).toEqual({
    default_permissions: manifest.default_permissions,
    default_events: manifest.default_events,
  })
})

describe('permissions', () => {
  it('are known for each REST route that the code calls', () => {
    expect(namesOf(NEEDS_OF_ROUTES)).toEqual(routes)
  })

  it('are known for each GraphQL mutation that the code sends', () => {
    expect(namesOf(NEEDS_OF_MUTATIONS)).toEqual(mutations)
  })

  it('are known for each GraphQL object that the code reads', () => {
    expect(namesOf(NEEDS_OF_FIELDS)).toEqual(fields)
  })

  it('are in app.yml as they are needed, and no further', () => {
    const tables = [NEEDS_OF_EVENTS, NEEDS_OF_ROUTES, NEEDS_OF_MUTATIONS, NEEDS_OF_FIELDS]
    const needed: Record<string, 'read' | 'write'> = { metadata: 'read' }
    for (const { permissions } of tables.flatMap((table) => Object.values(table)))
      for (const [name, level] of Object.entries(permissions)) if (needed[name] !== 'write') needed[name] = level
    expect(manifest.default_permissions).toEqual(needed)
  })

  it('never let the App change workflows, rules or secrets', () => {
    const refused = ['administration', 'workflows', 'secrets', 'environments', 'repository_hooks']
    expect(refused.filter((name) => name in manifest.default_permissions)).toEqual([])
    expect(manifest.default_permissions['actions']).not.toBe('write')
  })
})
