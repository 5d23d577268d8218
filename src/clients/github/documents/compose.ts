/** Puts parts of a GraphQL document together: each part declares its own variables, so that one request can carry several questions. */
import type { GraphqlRequest } from '../graphql.ts'

/** One top-level selection. `declarations` are variable types by name (without `$`); fragments may be named by several parts. */
export type DocumentPart = {
  readonly selection: string
  readonly declarations: Readonly<Record<string, string>>
  readonly variables: Readonly<Record<string, unknown>>
  readonly fragments: readonly string[]
}

/** The request of all parts under one operation name. Equal variables of several parts are declared once. */
export function composeQuery(name: string, parts: readonly DocumentPart[]): GraphqlRequest {
  return compose('query', name, parts)
}

/** Like composeQuery; the selections run in the order given. */
export function composeMutation(name: string, parts: readonly DocumentPart[]): GraphqlRequest {
  return compose('mutation', name, parts)
}

function compose(kind: 'query' | 'mutation', name: string, parts: readonly DocumentPart[]): GraphqlRequest {
  const declarations = Object.assign({}, ...parts.map((part) => part.declarations))
  const declared = Object.entries(declarations).map(([variable, type]) => `$${variable}: ${type}`)
  const head = declared.length === 0 ? `${kind} ${name}` : `${kind} ${name}(${declared.join(', ')})`
  const selections = parts.map((part) => part.selection).join('\n')
  const fragments = [...new Set(parts.flatMap((part) => part.fragments))].join('\n')
  return {
    name,
    document: `${head} {\n${selections}\n}\n${fragments}`,
    variables: Object.assign({}, ...parts.map((part) => part.variables)),
  }
}
