/** What became of a command: kept by src/services/ledger.ts, told by src/comments/reply.ts. */
import type { ErrorCode } from './failure.ts'

/** What one line of a comment came to. */
export type CommandOutcome =
  | { readonly kind: 'answered'; readonly line: string; readonly markdown: string; readonly marks?: Marks }
  | {
      readonly kind: 'refused'
      readonly line: string
      readonly code: ErrorCode
      readonly message: string
      readonly hint: string
      /** Markdown of ours: every rule with its verdict. */
      readonly details: string | undefined
    }
  | { readonly kind: 'mistaken'; readonly line: string; readonly message: string; readonly hint: string }
  | { readonly kind: 'promotion'; readonly line: string; readonly promotion: string; readonly marks?: Marks }

/** Hidden markers that say which holds it placed and lifted, for a rebuild of the ledger. */
type Marks = readonly string[]
