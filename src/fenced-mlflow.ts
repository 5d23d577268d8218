/** MLflow for work that another replica may take over. */
import type { Mlflow } from './services/ports.ts'
import { stillOurs } from './store/claims.ts'

/** A run that was taken over moves no alias and makes no version; of GitHub's calls bot.ts asks the same. */
export const fenced = (mlflow: Mlflow): Mlflow => ({
  ...mlflow,
  createVersion: async (server, wish) => {
    await stillOurs()
    return mlflow.createVersion(server, wish)
  },
  setAlias: async (server, model, alias, version) => {
    await stillOurs()
    await mlflow.setAlias(server, model, alias, version)
  },
})
