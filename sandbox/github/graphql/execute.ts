/** GitHub's GraphQL endpoint: runs a document over the stand-in's state. Reading is in query.ts and objects/, changing in mutations/. */
import { execute, type GraphQLSchema } from 'graphql'
import type { GraphqlExecutor, GraphqlRequest } from '../ports.ts'
import { readDocument } from './documents.ts'
import { printError, printInvalid } from './errors.ts'
import { mutationFields } from './mutations/index.ts'
import { createViewContext } from './present.ts'
import { queryFields } from './query.ts'
import { resolveField } from './resolve-field.ts'

/** `report` takes what is not GitHub's behaviour: fields and options that are not modelled, and faults of the stand-in. */
export type GraphqlSetting = { readonly schema: GraphQLSchema; readonly report: (violation: string) => void }

/**
 * An executor over GitHub's schema. Answers are 200 with `data` and, when something was refused, `errors`; a document that
 * does not parse or fit the schema gets `errors` only. Mutations of one document run in order; what a later one meets does
 * not undo an earlier one.
 */
export function createGraphqlExecutor({ schema, report }: GraphqlSetting): GraphqlExecutor {
  return async (request) => ({ status: 200, body: await run(schema, request, report) })
}

type Body = { readonly data?: unknown; readonly errors?: readonly unknown[] }

async function run(schema: GraphQLSchema, request: GraphqlRequest, report: GraphqlSetting['report']): Promise<Body> {
  const { document, errors: invalid } = readDocument(schema, request.query)
  if (document === undefined || invalid.length > 0) return { errors: invalid.map(printInvalid) }
  const context = createViewContext(request.context, report)
  const { data, errors } = await execute({
    schema,
    document,
    rootValue: { ...queryFields(context), ...mutationFields(context) },
    contextValue: context,
    variableValues: request.variables,
    operationName: request.operationName ?? null,
    fieldResolver: resolveField,
  })
  // Without a result nothing ran: the variables do not fit.
  if (data === undefined) return { errors: (errors ?? []).map(printInvalid) }
  return {
    data,
    ...(errors === undefined || errors.length === 0
      ? {}
      : { errors: errors.map((error) => printError(error, report)) }),
  }
}
