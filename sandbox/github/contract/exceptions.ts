/** Where GitHub's own answers differ from GitHub's description: the only places where a wrong answer is let through. Used by rest.ts. */

export type AnswerException = {
  /** Operation id or webhook key, as the description names it. */
  readonly where: RegExp
  /** The problem that is forgiven. */
  readonly problem: RegExp
  readonly reason: string
}

/** Keep it short; every entry says why the description is wrong, not why the stand-in is. */
export const ANSWER_EXCEPTIONS: readonly AnswerException[] = []

/** Operations that answer in another media type when asked to (raw files, diffs, patches). The description knows only their JSON. */
export const RAW_OPERATIONS: ReadonlySet<string> = new Set([
  'repos/get-content',
  'repos/get-commit',
  'repos/compare-commits-with-basehead',
  'git/get-blob',
  'pulls/get',
])
