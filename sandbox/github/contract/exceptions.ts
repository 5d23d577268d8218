/** Where GitHub's own answers differ from GitHub's description: the only places where a wrong answer is let through. Used by rest.ts. */

export type AnswerException = {
  /** Operation id or webhook key, as the description names it. */
  readonly where: RegExp
  /** Only answers with this status; default: any. */
  readonly status?: number
  /** The problem that is forgiven. */
  readonly problem: RegExp
  readonly reason: string
}

/** Keep it short; every entry says why the description is wrong, not why the stand-in is. */
export const ANSWER_EXCEPTIONS: readonly AnswerException[] = [
  {
    where: /^apps\/list-installations$/,
    status: 200,
    problem:
      /^\/\d+\/account(?: must (?:be null|match a schema in anyOf|have required property '(?:name|slug|created_at|updated_at)')|\/name must be string)$/,
    reason:
      'This list alone asks for an account that is a user and an enterprise at once (allOf); the single installation asks for either (anyOf), as GitHub answers.',
  },
  {
    where: /^(?:pulls\/list|repos\/list-pull-requests-associated-with-commit)$/,
    status: 200,
    problem: /^\/\d+\/labels\/\d+\/description must be string$/,
    reason: 'A label without a description has null there, as the full pull request and the label itself say.',
  },
  {
    where: /^repos\/create-or-update-file-contents$/,
    status: 409,
    problem: /^\/ must match exactly one schema in oneOf$/,
    reason: 'Neither of the two alternatives requires anything, so that every plain error matches both.',
  },
  {
    where: /^users\/get-by-username$/,
    status: 200,
    problem:
      /^\/ must (?:NOT have additional properties suspended_at|match exactly one schema in oneOf|have required property '(?:collaborators|disk_usage|owned_private_repos|private_gists|total_private_repos|two_factor_authentication)')$/,
    reason:
      'An Enterprise Server says here that an account is suspended. The description is that of github.com, where the same field is one of the full user only.',
  },
  {
    where: /^issue-comment-/,
    problem:
      /\/performed_via_github_app\/events\/\d+ must be equal to one of the allowed values .*, not "merge_group"$/,
    reason: "The list of an App's events that these webhooks alone keep is older than merge queues.",
  },
]

/** Operations that answer in another media type when asked to (raw files, diffs, patches). The description knows only their JSON. */
export const RAW_OPERATIONS: ReadonlySet<string> = new Set([
  'repos/get-content',
  'repos/get-commit',
  'repos/compare-commits-with-basehead',
  'git/get-blob',
  'pulls/get',
])
