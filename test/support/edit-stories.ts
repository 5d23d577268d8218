/** Stories over the repositories of examples/edits: each kind of edit, promoted by the whole bot. The vocabulary is story.ts. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CONFIG, MODELS } from '../../sandbox/world/index.ts'
import { scenario, type Tale } from './story.ts'

const EXAMPLES = join(import.meta.dirname, '../../examples/edits')

/** A story in which both repositories are as the example has them. */
export function editScenario(example: string, sentence: string, tell: (story: Tale) => Promise<void>): void {
  scenario(`${example}: ${sentence}`, async (story) => {
    const { github } = story.world
    for (const [repository, folder] of [
      [CONFIG, 'config-repo'],
      [MODELS, 'model-repo'],
    ] as const) {
      github.commit(repository, 'main', {
        message: 'Set up',
        files: filesIn(join(EXAMPLES, example, folder)),
        by: 'carol',
      })
    }
    await story.settle()
    await tell(story)
  })
}

function filesIn(root: string): Record<string, string> {
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('ml'))
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(root, path), 'utf8')]))
}
