/** The files that are written from the schemas: for editors (JSON Schema) and for people (docs/config.md). `npm run docs` writes them, a test compares. */
import * as z from 'zod'
import { policySchema } from './policy-schema.ts'
import { renderReferencePage } from './reference-page.ts'
import { repoSchema } from './repo-schema.ts'

/** Paths from the root of this repository, and the text each file must have. */
export function generatedConfigFiles(): ReadonlyMap<string, string> {
  return new Map([
    ['docs/config.md', renderReferencePage()],
    ['docs/lockkeeper.schema.json', jsonSchema(repoSchema, 'Lockkeeper configuration of a repository')],
    ['docs/policy.schema.json', jsonSchema(policySchema, "Lockkeeper's operator policy")],
  ])
}

/** The schema of what people write (`io: input`); rules over more than one key are the parser's alone. */
function jsonSchema(schema: z.ZodType, title: string): string {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input' })
  return `${JSON.stringify({ $schema, title, ...rest }, null, 2)}\n`
}
