/** Freeze windows as they are written, for tests: parsed by the configuration itself. */
import { parseRepoConfig } from '../../src/config/repo-config.ts'
import type { FreezeWindow } from '../../src/domain/settings.ts'
import { environment } from '../config/mistakes.ts'

/** In Berlin unless said otherwise. Throws what the configuration says of a window that cannot be. */
export function window(from: string, to: string, zone = 'Europe/Berlin', reason?: string): FreezeWindow {
  const keys = [`from: ${from}`, `to: ${to}`, `zone: ${zone}`, ...(reason === undefined ? [] : [`reason: ${reason}`])]
  const text = environment(`freeze: [{ ${keys.join(', ')} }]`)
  const parsed = parseRepoConfig(text, { file: 'f' })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  const [one] = [...parsed.settings.environments.values()].flatMap(({ freeze }) => freeze)
  if (one === undefined) throw new Error('the window is lost')
  return one
}
