/** The kinds of failure people see. Codes are documented one by one in docs/errors.md; a contract test compares the two. */

/** Every reason code that a reply, check run or CLI message can carry. */
export const ERROR_CODES = [
  'accepts_missing',
  'accepts_refused',
  'already_held',
  'already_live',
  'ambiguous',
  'approvals_missing',
  'artefact_missing',
  'checks_open',
  'config_invalid',
  'config_missing',
  'environment_policy',
  'environment_unknown',
  'fork_refused',
  'freeze',
  'gate_unknown',
  'gates_failed',
  'head_moved',
  'held',
  'internal',
  'manifest_missing',
  'manifest_refused',
  'merge_differs',
  'model_unknown',
  'mlflow_refused',
  'mlflow_unavailable',
  'no_release',
  'no_verified_release',
  'not_allowed',
  'nothing_to_do',
  'not_merged',
  'not_waivable',
  'older_than_live',
  'order',
  'overtaken',
  'policy_missing',
  'promotion_in_progress',
  'release_pending',
  'release_unknown',
  'repository_moved',
  'rollout_failed',
  'soak',
  'stale_command',
  'superseded',
  'sync_blocked',
  'sync_timeout',
  'system_unavailable',
  'usage',
  'values_overwritten',
  'verify_failed',
  'verify_timeout',
  'verify_no_data',
  'wandb_refused',
  'write_conflict',
] as const

export type ErrorCode = (typeof ERROR_CODES)[number]

/** Somebody can do something about it: `message` says what is wrong and where, `hint` the next step. Shown to the person who asked. */
export class UserError extends Error {
  readonly code: ErrorCode
  readonly hint: string
  constructor(code: ErrorCode, message: string, hint: string) {
    super(message)
    this.name = 'UserError'
    this.code = code
    this.hint = hint
  }
}

/** An outside system did not answer, or not as it should. Retried; `retryAfterSeconds` is the server's own wish when it sent one. */
export class SystemUnavailable extends Error {
  readonly system: string
  readonly retryAfterSeconds: number | undefined
  constructor(system: string, message: string, options: { retryAfterSeconds?: number; cause?: unknown } = {}) {
    super(`${system}: ${message}`, { cause: options.cause })
    this.name = 'SystemUnavailable'
    this.system = system
    this.retryAfterSeconds = options.retryAfterSeconds
  }
}

/** It could be asked, and is not: what is left of the system's limit is kept for more urgent work, or the limit is used up. Nothing was sent. */
export class Deferred extends SystemUnavailable {
  readonly until: Date
  constructor(system: string, message: string, options: { readonly until: Date; readonly now: Date }) {
    const seconds = Math.max(1, Math.ceil((options.until.getTime() - options.now.getTime()) / 1000))
    super(system, message, { retryAfterSeconds: seconds })
    this.until = options.until
  }
}
