/** Checks GraphQL documents and variables against GitHub's published schema. Its REST half is rest.ts; graphql/ executes. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { buildSchema, type GraphQLSchema, getVariableValues, Kind } from 'graphql'
import { readDocument } from '../graphql/documents.ts'

export type GraphqlContract = {
  /** Problems of a document with its variables; empty = GitHub's schema accepts both. */
  graphql(document: string, variables?: Readonly<Record<string, unknown>>): string[]
  readonly schema: GraphQLSchema
}

/** GitHub's schema as its own package carries it. Costs about 200 ms. */
export function createGraphqlContract(): GraphqlContract {
  const schema = loadSchema()
  return { schema, graphql: (document, variables) => checkDocument(schema, document, variables ?? {}) }
}

function loadSchema(): GraphQLSchema {
  // The package's entry point would parse the schema a second time as JSON (20 MB); its SDL lies beside it.
  const entry = import.meta.resolve('@octokit/graphql-schema')
  const text = readFileSync(fileURLToPath(new URL('./schema.graphql', entry)), 'utf8')
  return buildSchema(text, { assumeValid: true, assumeValidSDL: true })
}

function checkDocument(schema: GraphQLSchema, text: string, variables: Readonly<Record<string, unknown>>): string[] {
  const { document, errors } = readDocument(schema, text)
  if (document === undefined || errors.length > 0) return errors.map(({ message }) => message)
  return document.definitions
    .filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)
    .flatMap((operation) => {
      const definitions = operation.variableDefinitions ?? []
      const declared = new Set(definitions.map((each) => each.variable.name.value))
      const surplus = Object.keys(variables).filter((name) => !declared.has(name))
      const { errors } = getVariableValues(schema, definitions, { ...variables })
      return [
        ...(errors ?? []).map((error) => error.message),
        ...surplus.map((name) => `variable $${name} is given but not declared`),
      ]
    })
}
