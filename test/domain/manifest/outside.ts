/** What an edit must leave alone, judged by the texts. */
type Range = { readonly start: number; readonly end: number }

/** Whether `after` is `before` with other text in the ranges, and at most so many texts put in elsewhere. */
export function isKeptOutside(before: string, after: string, ranges: readonly Range[], times: number): boolean {
  const bounds = [
    0,
    ...ranges.toSorted((a, b) => a.start - b.start).flatMap(({ start, end }) => [start, end]),
    before.length,
  ]
  const kept = Array.from({ length: bounds.length / 2 }, (_, index) =>
    before.slice(bounds[2 * index], bounds[2 * index + 1]),
  )
  return follows({ kept, after, failed: new Set() }, { index: 0, offset: 0, position: 0, times })
}

type Texts = { readonly kept: readonly string[]; readonly after: string; readonly failed: Set<string> }
type At = { readonly index: number; readonly offset: number; readonly position: number; readonly times: number }

function follows(texts: Texts, at: At): boolean {
  const { kept, after, failed } = texts
  const { index, times } = at
  let { offset, position } = at
  const text = kept[index] ?? ''
  while (offset < text.length && text[offset] === after[position]) {
    offset++
    position++
  }
  const isDone = offset === text.length
  if (isDone && index === kept.length - 1) return position === after.length || times > 0
  const id = `${index} ${offset} ${position} ${times}`
  // What is put in right behind another value could as well be the end of that value.
  if (failed.has(id) || (!isDone && (times === 0 || (index > 0 && offset === 0)))) return false
  failed.add(id)
  for (let next = isDone ? position : position + 1; next <= after.length; next++) {
    const there = isDone ? { index: index + 1, offset: 0, times } : { index, offset, times: times - 1 }
    if (follows(texts, { ...there, position: next })) return true
  }
  return false
}
