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
