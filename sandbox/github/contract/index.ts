/** What GitHub promises, as a checker: every request, answer, webhook and GraphQL document of the stand-in passes through it. */
import { createGraphqlContract, type GraphqlContract } from './graphql.ts'
import { createRestContract, type RestContract } from './rest.ts'

export type Contract = RestContract & GraphqlContract

let shared: Contract | undefined

/** The contract of api.github.com. All checks return problems in words, empty when there are none. Loaded once per process: it holds no state of a stand-in. */
export function createContract(): Contract {
  shared ??= { ...createRestContract(), ...createGraphqlContract() }
  return shared
}
