/** The gates of `lockkeeper compare`: from its options or from a configuration, by the same parser. */
import { parseRepoConfig } from '../config/repo-config.ts'
import type { Problem } from '../domain/config-problem.ts'
import type { ModelSettings } from '../domain/settings.ts'

/** The model whose gates judge, or what is wrong with them. */
export type Gates =
  | { readonly ok: true; readonly model: ModelSettings; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly problems: readonly string[] }

const EXAMPLE = "'auc: { goal: maximize, min: 0.8 }'"
// What stands above the first gate below.
const LINES_BEFORE = 6

/** Each option is one line as under `gates:`. Problems name the option by its number. */
export function gatesOfOptions(options: readonly string[]): Gates {
  const broken = options.findIndex((option) => /[\n\r]/.test(option))
  if (broken >= 0) return { ok: false, problems: [`--gate ${broken + 1}: a gate is one line`] }
  const bare = options.findIndex((option) => !/:\s/.test(option))
  if (bare >= 0) return { ok: false, problems: [`--gate ${bare + 1}: it has no rules; write ${EXAMPLE}`] }
  const text = [
    'version: 1',
    'models:',
    '  model:',
    '    candidate: { file: metrics.json }',
    '    baseline: { file: metrics.json }',
    options.length === 0 ? '    gates: {}' : '    gates:',
    ...options.map((option) => `      ${option.trim()}`),
  ].join('\n')
  const parsed = parseRepoConfig(`${text}\n`, { file: '--gate' })
  if (!parsed.ok) return { ok: false, problems: errorsIn(parsed.problems).map((problem) => ofOption(problem, options)) }
  const [model] = parsed.settings.models.values()
  if (model === undefined) return { ok: false, problems: ['--gate: no gates'] }
  const warnings = parsed.notices.filter(({ severity }) => severity === 'warning')
  return { ok: true, model, warnings: warnings.map((problem) => ofOption(problem, options)) }
}

/** The gates of one model; `model` undefined: the only one. */
export function gatesOfConfig(
  text: string,
  { file, model: name }: { readonly file: string; readonly model: string | undefined },
): Gates {
  const parsed = parseRepoConfig(text, { file })
  if (!parsed.ok) {
    return {
      ok: false,
      problems: errorsIn(parsed.problems).map(
        (problem) => `${file}:${problem.line}:${problem.column}  ${problem.key}  ${problem.reason}  ${problem.hint}`,
      ),
    }
  }
  const models = [...parsed.settings.models.values()]
  const names = models.map((model) => model.name).join(', ')
  const chosen = name === undefined && models.length === 1 ? models[0] : models.find((model) => model.name === name)
  if (chosen !== undefined) return { ok: true, model: chosen, warnings: [] }
  if (models.length === 0) return { ok: false, problems: [`${file}: there are no models`] }
  return {
    ok: false,
    problems: [
      name === undefined
        ? `${file}: it has several models; choose one with --model: ${names}`
        : `${file}: there is no model ${name}; there are: ${names}`,
    ],
  }
}

/** Why it is refused; the rest is said by `lockkeeper validate`. */
const errorsIn = (problems: readonly Problem[]): readonly Problem[] =>
  problems.filter(({ severity }) => severity === 'error')

function ofOption({ line, reason, hint }: Problem, options: readonly string[]): string {
  const number = line - LINES_BEFORE
  const place = options[number - 1] === undefined ? '--gate' : `--gate ${number}`
  return `${place}: ${reason}; ${hint}`
}
