/** One mutation asked of the example world, for the tests of this folder. */
import { expect } from 'vitest'
import type { Permissions } from '../model.ts'
import { gitNodeId } from '../state.ts'
import type { Answer, ExampleWorld } from './example-world.ts'

/** What the App may in these tests unless they say otherwise. */
export const APP: Permissions = {
  metadata: 'read',
  contents: 'write',
  pull_requests: 'write',
  issues: 'write',
  checks: 'write',
  deployments: 'write',
  statuses: 'read',
}

/** Runs `mutation($input: …Input!) { name(input: $input) { fields } }`, as the App unless other permissions are given. */
type Mutate = (
  name: string,
  input: Readonly<Record<string, unknown>>,
  fields?: string,
  permissions?: Permissions,
) => Promise<Answer>

export type Mutator = {
  readonly mutate: Mutate
  /** The payload of a mutation that must have succeeded without a violation. */
  done(answer: Answer, name: string): unknown
  /** The node id of a ref by its full name. */
  refId(name: string): string
}

/** Mutations of the world that the test is in. */
export const createMutator = (world: () => ExampleWorld): Mutator => ({
  mutate: (name, input, fields = 'clientMutationId', permissions = APP) => {
    const type = `${name.slice(0, 1).toUpperCase()}${name.slice(1)}Input`
    const document = `mutation($input: ${type}!) { ${name}(input: $input) { ${fields} } }`
    return world().ask(document, { variables: { input }, as: permissions })
  },
  done: ({ data, errors }, name) => {
    expect(errors).toBeUndefined()
    expect(world().violations).toEqual([])
    return (data as Record<string, unknown>)[name]
  },
  refId: (name) => gitNodeId('Ref', world().repository, name),
})

/** Contents as `createCommitOnBranch` takes them. */
export const base64 = (text: string): string => Buffer.from(text).toString('base64')
