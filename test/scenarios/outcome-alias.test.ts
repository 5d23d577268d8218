/** The registry's alias follows what is live, and goes back with a rollback; told where the registry does not keep it. Whose it is: test/domain/alias-move.test.ts. */
import { expect } from 'vitest'
import { MINUTE, scenario } from '../support/story.ts'

scenario(
  'back to what was found, the alias goes to the version that had it at first, also past a registry that does not keep it',
  async (story) => {
    const { mlflow } = story.world
    const pull = await story.releases('better')
    await story.deploys()
    await story.verifies()
    expect(mlflow.alias('champion')).toBe('12')
    mlflow.loseAliases(4)
    await story.says('/rollback prod')
    await story.verifies()
    expect(story.reply(pull)).toMatch(
      /alias champion not moved yet: the registry took it .* and still shows another version; it is asked again/,
    )
    await story.pass(12 * MINUTE, MINUTE)
    expect(story.reply(pull)).toContain('alias champion → version 11, as found')
    expect(mlflow.alias('champion')).toBe('11')
  },
)
