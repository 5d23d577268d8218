/** What every payload of a mutation has. */
import type { Fields } from '../view.ts'

/** The payload: `clientMutationId` comes back as it was given. */
export const payload = (input: { readonly clientMutationId?: string | null }, fields: Fields = {}): Fields => ({
  clientMutationId: input.clientMutationId ?? null,
  ...fields,
})

/** GraphQL says null where a value is left out; operations want it absent. */
export const given = <T>(value: T | null | undefined): T | undefined => value ?? undefined
