/** The one list of REST routes. */
import type { Route } from './call.ts'
import { actionRoutes } from './routes/actions.ts'
import { appRoutes } from './routes/app.ts'
import { checkRoutes } from './routes/checks.ts'
import { commitRoutes } from './routes/commits.ts'
import { contentRoutes } from './routes/contents.ts'
import { environmentRoutes } from './routes/environments.ts'
import { gitRoutes } from './routes/git.ts'
import { issueRoutes } from './routes/issues.ts'
import { organisationRoutes } from './routes/organisations.ts'
import { pullRoutes } from './routes/pulls.ts'
import { repositoryRoutes } from './routes/repository.ts'

export const routes: readonly Route[] = [
  ...appRoutes,
  ...organisationRoutes,
  ...repositoryRoutes,
  ...gitRoutes,
  ...contentRoutes,
  ...commitRoutes,
  ...pullRoutes,
  ...issueRoutes,
  ...checkRoutes,
  ...actionRoutes,
  ...environmentRoutes,
]
