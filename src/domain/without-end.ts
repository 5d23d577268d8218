/** Cutting characters off the end of a text. `/x+$/` tries each run of them that stands elsewhere from each of its characters: quadratic for who sends many. */

/** `text` without any of these characters at its end. */
export function withoutEnd(text: string, characters: string): string {
  let end = text.length
  while (end > 0 && characters.includes(text.charAt(end - 1))) end -= 1
  return text.slice(0, end)
}
