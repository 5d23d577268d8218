/** `lockkeeper completion`: prints what makes a shell complete verbs and flags, and answers that script what can follow in a slash command. */
import { parseRepoConfig } from '../config/repo-config.ts'
import { COMMANDS } from '../handlers/commands/index.ts'
import { completeCommand, type KnownNames } from './complete-command.ts'
import { SHELLS } from './completion-scripts.ts'
import { type CliIo, createVerb, printable } from './verb.ts'
import { VERBS } from './verbs.ts'

const USAGE = `lockkeeper completion bash|zsh|fish

Prints a script that makes the shell complete verbs and flags, and the slash
commands of \`lockkeeper simulate\` with the environments and models of
.github/lockkeeper.yml in this directory.

  bash   eval "$(lockkeeper completion bash)"      in ~/.bashrc
  zsh    eval "$(lockkeeper completion zsh)"       in ~/.zshrc, behind compinit
  fish   lockkeeper completion fish | source       in ~/.config/fish/config.fish

  --command TEXT   what the script asks: TEXT with each word that can follow
  --help           this text

Exit codes: 0 printed, 2 wrong usage.
`

const CONFIG_FILE = '.github/lockkeeper.yml'

/** The verb, for the list in verbs.ts. */
export const completion = createVerb({
  name: 'completion',
  usage: USAGE,
  options: { command: { type: 'string' } },
  ask: ({ values: { command }, positionals: [shell, ...others] }): Asked | string => {
    if (command !== undefined) return shell === undefined ? { command } : '--command takes no shell'
    const script = shell !== undefined && Object.hasOwn(SHELLS, shell) ? SHELLS[shell] : undefined
    return script === undefined || others.length > 0 ? `one of ${Object.keys(SHELLS).join(', ')} is needed` : { script }
  },
  run: runCompletion,
})

type Asked = { readonly command: string } | { readonly script: (typeof SHELLS)[string] }

async function runCompletion(asked: Asked, io: CliIo): Promise<number> {
  if ('command' in asked) {
    const found = completeCommand(asked.command, COMMANDS, await namesHere(io))
    io.stdout(found.map((each) => `${printable(each)}\n`).join(''))
    return 0
  }
  const verbs = await Promise.all(
    Object.entries(VERBS).map(async ([name, { summary, load }]) => ({ name, summary, flags: (await load()).flags })),
  )
  io.stdout(asked.script(verbs))
  return 0
}

/** None where there is no configuration, or a wrong one: nobody is told at a key. */
async function namesHere(io: CliIo): Promise<KnownNames> {
  const none = { environments: [], models: [] }
  try {
    const parsed = parseRepoConfig(await io.readFile(CONFIG_FILE), { file: CONFIG_FILE })
    if (!parsed.ok) return none
    return { environments: [...parsed.settings.environments.keys()], models: [...parsed.settings.models.keys()] }
  } catch {
    return none
  }
}
