/** Reads a Dockerfile and carries its steps out in folders instead of images, for machines on which no container engine runs. Knows what our Dockerfile uses. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A stage's folder stands for the root of its file system. */
export type Stage = {
  readonly root: string
  workdir: string
  readonly env: Record<string, string>
  user: { readonly uid: number; readonly gid: number } | undefined
  command: readonly string[]
  healthCheck: readonly string[]
}

type Instruction = { readonly name: string; readonly rest: string }

/** The instructions in order; continued lines are joined, comments left out. */
export function parseDockerfile(text: string): readonly Instruction[] {
  return text
    .replace(/^\s*#.*\n/gm, '')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .map((line) => /^\s*([A-Za-z]+)\s+(.*?)\s*$/.exec(line))
    .filter((found) => found !== null)
    .map(([, name = '', rest = '']) => ({ name: name.toUpperCase(), rest }))
}

export type BuildOptions = {
  /** The files of the build context. */
  readonly context: string
  /** An empty folder for the stages. */
  readonly scratch: string
  /** The environment of every RUN, in which ENV comes on top. */
  readonly environment: Readonly<Record<string, string>>
}

/** Carries everything out and gives the last stage. Throws at an instruction that it does not know, and at a step that fails. */
export function buildImage(file: string, options: BuildOptions): Stage {
  const stages = new Map<string, Stage>()
  let stage: Stage | undefined
  for (const { name, rest } of parseDockerfile(readFileSync(file, 'utf8'))) {
    if (name === 'FROM') {
      const [, alias] = /\bAS\s+(\S+)/i.exec(rest) ?? []
      stage = newStage(join(options.scratch, alias ?? 'image'))
      stages.set(alias ?? 'image', stage)
    } else if (stage === undefined) throw new Error(`${name} before the first FROM`)
    else carryOut({ name, rest }, stage, stages, options)
  }
  if (stage === undefined) throw new Error('a Dockerfile without FROM')
  return stage
}

function newStage(root: string): Stage {
  mkdirSync(root, { recursive: true })
  return { root, workdir: '/', env: {}, user: undefined, command: [], healthCheck: [] }
}

function carryOut(
  { name, rest }: Instruction,
  stage: Stage,
  stages: ReadonlyMap<string, Stage>,
  options: BuildOptions,
): void {
  switch (name) {
    case 'WORKDIR':
      stage.workdir = rest
      mkdirSync(join(stage.root, rest), { recursive: true })
      return
    case 'ENV':
      Object.assign(stage.env, Object.fromEntries(rest.split(/\s+/).map((pair) => pair.split('=', 2))))
      return
    case 'COPY':
      copy(rest.split(/\s+/), stage, stages, options.context)
      return
    case 'RUN':
      execFileSync('sh', ['-c', rest], {
        cwd: join(stage.root, stage.workdir),
        env: { ...options.environment, ...stage.env },
        stdio: ['ignore', 'ignore', 'inherit'],
      })
      return
    case 'USER': {
      const [uid = Number.NaN, gid = Number.NaN] = rest.split(':').map(Number)
      stage.user = { uid, gid }
      return
    }
    case 'CMD':
      stage.command = JSON.parse(rest)
      return
    case 'HEALTHCHECK':
      stage.healthCheck = JSON.parse(rest.slice(rest.indexOf('CMD') + 'CMD'.length))
      return
    case 'EXPOSE':
      return
    default:
      throw new Error(`${name} is not known here`)
  }
}

/** `COPY a b dir/`, `COPY folder ./folder`, `COPY --from=stage /path ./path`. */
function copy(words: readonly string[], stage: Stage, stages: ReadonlyMap<string, Stage>, context: string): void {
  const from = words[0]?.startsWith('--from=') ? words[0].slice('--from='.length) : undefined
  const source = from === undefined ? context : stages.get(from)?.root
  const paths = from === undefined ? words : words.slice(1)
  const target = paths.at(-1)
  if (source === undefined || target === undefined) throw new Error(`COPY ${words.join(' ')} cannot be carried out`)
  for (const path of paths.slice(0, -1)) {
    const into = target.endsWith('/') ? join(target, path) : target
    cpSync(join(source, path), join(stage.root, stage.workdir, into), { recursive: true, verbatimSymlinks: true })
  }
}
