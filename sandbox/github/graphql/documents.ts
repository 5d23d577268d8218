/** GraphQL documents as the stand-in takes them: each text is parsed and validated once, since a bot has few and sends them often. */
import { type DocumentNode, GraphQLError, type GraphQLSchema, parse, validate } from 'graphql'

export type ReadDocument = {
  /** Undefined: it does not parse. */
  readonly document: DocumentNode | undefined
  /** Why it does not parse or does not fit the schema; empty: it does. */
  readonly errors: readonly GraphQLError[]
}

const MOST = 1000
const known = new WeakMap<GraphQLSchema, Map<string, ReadDocument>>()

/** The document of this text, checked against `schema`. */
export function readDocument(schema: GraphQLSchema, text: string): ReadDocument {
  const ofSchema = known.get(schema) ?? new Map<string, ReadDocument>()
  known.set(schema, ofSchema)
  const read = ofSchema.get(text) ?? readAnew(schema, text)
  ofSchema.set(text, read)
  const [oldest] = ofSchema.keys()
  if (ofSchema.size > MOST && oldest !== undefined) ofSchema.delete(oldest)
  return read
}

function readAnew(schema: GraphQLSchema, text: string): ReadDocument {
  try {
    const document = parse(text)
    return { document, errors: validate(schema, document) }
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
    return { document: undefined, errors: [error] }
  }
}
