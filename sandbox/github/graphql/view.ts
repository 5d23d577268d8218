/** How a record looks through GraphQL: an object of fields, computed only when asked for. The views are in objects/, their index is present.ts. */
import type { GraphQLResolveInfo } from 'graphql'
import type { OperationContext } from '../access.ts'
import type { GitNode, NodeRecord } from '../state.ts'

/** A field that takes arguments or costs something. The schema has checked the arguments before the call, so each field states the type it relies on. */
export type Field = (arguments_: never, info: GraphQLResolveInfo) => unknown

/** Fields by name. One that is missing is not modelled: asking for it is an error and a violation, never null. */
export type Fields = { readonly [field: string]: unknown | Field }

/** The fields of a node. `__typename` decides which member of a union or interface it is. */
export type View = Fields & { readonly __typename: string }

/** What every view is made with. `present` leads to the view of another record without an import of its file. */
export type ViewContext = OperationContext & {
  present(record: NodeRecord | GitNode): View
  /** Takes what the stand-in cannot do as GitHub does it. */
  readonly report: (violation: string) => void
}

/** The stand-in does not model what was asked for. It is no answer of GitHub's; tests fail on it. */
export class Unmodelled extends Error {
  constructor(what: string) {
    super(`the stand-in does not model ${what}`)
    this.name = 'Unmodelled'
  }
}
