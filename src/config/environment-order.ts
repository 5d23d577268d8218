/** `after:`, `soak:`, `deploy: automatic`: the order of environments. The order is obeyed in src/domain/. */
import type { RuleReport } from './rules.ts'

type Named = ReturnType<RuleReport['texts']>
type Order = ReadonlyMap<string, Named>

/** Every environment comes after ones that exist, none after itself, and none waits for a thing that cannot happen. */
export function checkEnvironmentOrder(report: RuleReport): void {
  const names = report.names(['environments'])
  const order = new Map(names.map((name) => [name, report.texts(['environments', name, 'after'])]))
  for (const [name, after] of order) {
    report.knownNames(['environments', name, 'after'], names, 'environment')
    checkRepeated(report, after)
    const cycle = cycleFrom(order, name)
    const [first] = after
    if (cycle !== undefined && first !== undefined) {
      const closing = after.find(({ text }) => text === cycle[1]) ?? first
      report.error(
        closing.path,
        `${cycle.map((each) => `\`${each}\``).join(' after ')}: nothing could ever go there`,
        'remove one `after`',
      )
    }
    if (after.length === 0) checkFirst(report, name)
  }
  checkModels(report, order)
}

/** Keys that only make sense where something comes first. */
function checkFirst(report: RuleReport, name: string): void {
  if (report.scalar(['environments', name, 'deploy'])?.text === 'automatic') {
    report.error(
      ['environments', name, 'deploy'],
      '`automatic` needs an environment to wait for',
      'add `after: <environment>`, or use `deploy: on-merge`',
    )
  }
  if (/[1-9]/.test(report.scalar(['environments', name, 'soak'])?.text ?? '')) {
    report.warn(
      ['environments', name, 'soak'],
      '`soak` without `after` has nothing to wait for',
      'add `after: <environment>`',
    )
  }
}

function checkRepeated(report: RuleReport, after: Named): void {
  for (const [index, { text, path }] of after.entries()) {
    const isFirst = after.findIndex((other) => other.text === text) === index
    if (!isFirst) report.error(path, `\`${text}\` is there twice`, 'name each environment once')
  }
}

/** A model that leaves out an environment can never be verified there. */
function checkModels(report: RuleReport, order: Order): void {
  for (const model of report.names(['models'])) {
    const own = report.texts(['models', model, 'environments'])
    for (const { text: name, path } of own) {
      const missing = order.get(name)?.find(({ text }) => order.has(text) && !own.some((other) => other.text === text))
      if (missing === undefined) continue
      const reason = `\`${name}\` comes after \`${missing.text}\`, where \`${model}\` does not go: only force could take it there`
      report.warn(path, reason, `add \`${missing.text}\`, or remove \`${name}\``)
    }
  }
}

/** `[prod, staging, prod]` when following `after` from `name` leads back to it; each cycle is told once, from its first member by name. */
function cycleFrom(order: Order, name: string): readonly string[] | undefined {
  const previous = new Map<string, string>()
  const queue = [name]
  for (const current of queue) {
    for (const { text } of order.get(current) ?? []) {
      if (text === name) {
        const cycle = [name]
        for (let step: string | undefined = current; step !== undefined && step !== name; step = previous.get(step))
          cycle.unshift(step)
        const whole = [name, ...cycle]
        return [...whole].sort()[0] === name ? whole : undefined
      }
      if (previous.has(text)) continue
      previous.set(text, current)
      queue.push(text)
    }
  }
  return undefined
}
