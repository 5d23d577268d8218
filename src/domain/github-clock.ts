/** How far the clock of this machine and GitHub's may be apart, in milliseconds; GitHub's times are of whole seconds besides. For looking at GitHub for what is not older than an instant of ours. */
export const GITHUB_CLOCK_MS = 2 * 60_000

/** The same of a cluster's clock and ours. */
export const CLUSTER_CLOCK_MS = 2 * 60_000
