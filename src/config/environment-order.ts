/** `after:`, `soak:`, `deploy: automatic`: the order of environments. The order is obeyed in src/domain/. */
import type { RuleReport } from './rules.ts'

type Order = ReadonlyMap<string, ReturnType<RuleReport['texts']>>

/** Every environment comes after ones that exist, none after itself, and none waits for a thing that cannot happen. */
export function checkEnvironmentOrder(report: RuleReport): void {
  const names = report.names(['environments'])
  const order = new Map(names.map((name) => [name, report.texts(['environments', name, 'after'])]))
  for (const [name, after] of order) {
    report.knownNames(['environments', name, 'after'], names, 'environment')
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
    if (after.length > 0) continue
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
