/** What people are asked again once the ledger was rebuilt. Which: src/services/rebuilt-openings.ts. */
import { renderMarker } from '../domain/marker.ts'

/** By it the comment is found again: a second rebuild says it in the same one. */
export const REBUILT_MARKER = renderMarker('rebuilt')

/** One comment per thread; `lines` are Markdown. */
export function renderQuestions(lines: readonly string[]): string {
  const list = lines.map((line) => `- ${line}`).join('\n')
  return `${REBUILT_MARKER}\n### 🗄️ Lockkeeper's database was rebuilt from GitHub\n**Next:** not everything is written there. Please say again what is missing.\n\n${list}`
}
