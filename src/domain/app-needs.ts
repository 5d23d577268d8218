/** What the GitHub App must be allowed to do and must hear, as app.yml asks for it; test/contract/app-manifest.test.ts compares the two. */

export type AppNeeds = {
  readonly permissions: Readonly<Record<string, 'read' | 'write'>>
  readonly events: readonly string[]
}

export const APP_NEEDS: AppNeeds = {
  permissions: {
    actions: 'read',
    checks: 'write',
    contents: 'write',
    deployments: 'write',
    issues: 'read',
    members: 'read',
    merge_queues: 'write',
    metadata: 'read',
    pull_requests: 'write',
    statuses: 'read',
  },
  events: [
    'check_run',
    'check_suite',
    'deployment_status',
    'issue_comment',
    'merge_group',
    'pull_request',
    'pull_request_review',
    'pull_request_review_thread',
    'push',
    'status',
  ],
}

const LEVELS: readonly string[] = ['read', 'write', 'admin']

/** `checks: write` for each permission that was not granted as far as it is needed. */
export function missingPermissions(granted: ReadonlyMap<string, string>): readonly string[] {
  return Object.entries(APP_NEEDS.permissions)
    .filter(([name, level]) => LEVELS.indexOf(granted.get(name) ?? '') < LEVELS.indexOf(level))
    .map(([name, level]) => `${name}: ${level}`)
}

export function missingEvents(heard: readonly string[]): readonly string[] {
  return APP_NEEDS.events.filter((event) => !heard.includes(event))
}

/** What does not work without it: a permission or an event of `APP_NEEDS`, in a clause. */
export const whatBreaks = (name: string): string => BROKEN[name] ?? 'what needs it does not work'

const BROKEN: Readonly<Record<string, string>> = {
  actions: 'metrics and reports in artifacts are not found, nor what GitHub Environments demand',
  checks: 'no check run says whether the gates hold, and results of CI are not seen',
  contents: 'no promotion can be written or merged, no configuration read',
  deployments: 'what is live where is not shown at GitHub',
  issues: 'slash commands are not heard',
  members: '`team:` in lists of people means nobody',
  merge_queues: 'nothing is merged where the branch has a merge queue',
  metadata: 'nothing works',
  pull_requests: 'no comparison, no promotion, no reply',
  statuses: 'CI and rollouts that are told of by commit statuses are not seen',
  check_run: 'the end of training, and clicks on buttons, are not heard',
  check_suite: 'the end of training is not heard',
  deployment_status: 'rollouts that are told of by deployment statuses are seen late',
  issue_comment: 'slash commands are not heard',
  merge_group: 'a merge queue waits for our check runs in vain',
  pull_request: 'pull requests and their merges are not heard of',
  pull_request_review: 'approvals of promotions are seen late',
  pull_request_review_thread: 'resolved conversations are seen late',
  push: 'merges begin no releases',
  status: 'CI and rollouts that are told of by commit statuses are seen late',
}
