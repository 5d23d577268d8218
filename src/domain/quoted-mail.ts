/** Answers by e-mail carry the mail that they answer, and not every program marks it as a quote. Used by command.ts. */

/** How mail programs head what they quote, in the languages of most of them. A heading may be broken over two lines. */
const HEADINGS: readonly RegExp[] = [
  /^On .{6,300} wrote:$/i,
  /^Am (?:(?! schrieb).){6,300} schrieb.{0,200}:$/i,
  /^Le .{6,300} a écrit\s?:$/i,
  /^El .{6,300} escribió:$/i,
  /^Il .{6,300} ha scritto:$/i,
  /^Op (?:(?! schreef).){6,300} schreef.{0,200}:$/i,
  /^-{2,} ?(?:Original Message|Forwarded message|Ursprüngliche Nachricht) ?-{2,}$/i,
  /^Reply to this email directly\b/i,
]

/** How Outlook heads the mail that is answered: who sent it, and a second field below. */
const SENDER = /^\*{0,2}(?:From|Von|De|Da|Van):\*{0,2} .{0,200}@/i
const FIELD = /^\*{0,2}(?:Sent|To|Cc|Subject|Date|Gesendet|An|Betreff|Envoyé|Enviado|Inviato|Verzonden):\*{0,2} \S/i

/** The lines that the person wrote: those before the heading of a quoted mail, all of them where there is none. */
export function beforeQuotedMail(lines: readonly string[]): readonly string[] {
  const end = lines.findIndex((line, index) => {
    const next = lines[index + 1] ?? ''
    const isHeading = HEADINGS.some((heading) => heading.test(line) || heading.test(`${line} ${next}`))
    return isHeading || (SENDER.test(line) && FIELD.test(next))
  })
  return end < 0 ? lines : lines.slice(0, end)
}
