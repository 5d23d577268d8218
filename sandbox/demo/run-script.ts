/** `npm run demo -- --script`: plays the story with the bot as a process of its own and prints the transcript. The story is script.ts. */
import { MODELS, type World } from '../world/index.ts'
import { plainText } from './plain-text.ts'
import { playStory } from './script.ts'
import { raiseStage, STORY_LAG, type Stage, settleAll } from './stage.ts'
import { StoryFailure } from './tale.ts'
import { createTranscript } from './transcript.ts'

/** Gives the exit code: 0 only when every step was seen at the sandbox. */
export async function runScript(): Promise<number> {
  const write = (line: string) => void process.stdout.write(`${line}\n`)
  const started = Date.now()
  write('Starting the sandbox, the database and the bot …')
  const stage = await raiseStage({ lag: STORY_LAG })
  const abandon = () => void stage.close().then(() => process.exit(130))
  process.once('SIGINT', abandon)
  process.once('SIGTERM', abandon)
  try {
    const transcript = createTranscript({ write, colours: process.stdout.isTTY === true })
    write('Every ✓ was looked up in the state of the sandbox, not in what the bot says.')
    await playStory(stage.world, { settle: () => settleAll(stage), onStep: transcript.tell })
    const { seen } = transcript.counts
    const seconds = Math.round((Date.now() - started) / 1000)
    const calls = stage.world.github.requests.filter(({ by }) => by !== 'app').length
    const deliveries = stage.world.github.deliveries.length
    write('')
    write(
      `The story ended as it should: ${seen} of ${seen} steps seen, ${deliveries} webhooks, ${calls} GitHub calls, ${seconds} s.`,
    )
    return 0
  } catch (error) {
    report(error, stage, write)
    return 1
  } finally {
    process.off('SIGINT', abandon)
    process.off('SIGTERM', abandon)
    await stage.close()
  }
}

function report(error: unknown, { world, bot }: Stage, write: (line: string) => void): void {
  write('')
  if (error instanceof StoryFailure) {
    write(`✗ expected  ${error.expected}`)
    write(`  seen      ${error.seen}`)
  } else {
    write(`✗ ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
  }
  write('')
  write('The last comments:')
  for (const line of lastComments(world)) write(`  ${line}`)
  write('')
  write("The end of the bot's log:")
  for (const line of bot.logTail().split('\n')) write(`  ${line}`)
}

function lastComments({ github }: World): string[] {
  const newest = github.pullRequests(MODELS).at(-1)
  if (newest === undefined) return []
  return github
    .comments(MODELS, newest.number)
    .slice(-3)
    .flatMap(({ author, body }) => [`${author}:`, ...plainText(body).map((line) => `  ${line}`)])
}
