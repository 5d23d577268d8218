/** Lines over a number of deliveries or rows as an SVG that is readable on a light and a dark page. */

export type Plot = {
  readonly title: string
  /** What is counted to the right. */
  readonly along: string
  readonly lines: readonly { readonly name: string; readonly points: readonly (readonly [x: number, y: number])[] }[]
}

const [WIDTH, HEIGHT, LEFT, TOP, BOTTOM] = [720, 240, 56, 34, 28]
/** Told apart in both schemes, and without telling red from green. */
const COLOURS = ['#d97706', '#3b82f6', '#8b5cf6']

export function plot({ title, along, lines }: Plot): string {
  const all = lines.flatMap(({ points }) => points).filter(([, y]) => Number.isFinite(y))
  const most = { x: Math.max(1, ...all.map(([x]) => x)), y: roundUp(Math.max(1, ...all.map(([, y]) => y))) }
  const x = (value: number) => LEFT + (value / most.x) * (WIDTH - LEFT - 16)
  const y = (value: number) => HEIGHT - BOTTOM - (value / most.y) * (HEIGHT - TOP - BOTTOM)
  const steps = [0, 0.25, 0.5, 0.75, 1]
  const parts = [
    ...steps.map((step) => {
      const at = y(step * most.y).toFixed(1)
      return `<line class="rule" x1="${LEFT}" x2="${WIDTH - 16}" y1="${at}" y2="${at}"/><text x="${LEFT - 8}" y="${at}" dy="4" text-anchor="end">${short(step * most.y)}</text>`
    }),
    ...steps.map((step) => {
      const [anchor, unit] = step === 1 ? ['end', ` ${along}`] : ['middle', '']
      return `<text x="${x(step * most.x).toFixed(1)}" y="${HEIGHT - 8}" text-anchor="${anchor}">${short(step * most.x)}${unit}</text>`
    }),
    ...lines.map(({ points }, index) => {
      const path = points
        .filter(([, value]) => Number.isFinite(value))
        .map(([at, value]) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`)
      return `<polyline fill="none" stroke="${COLOURS[index % COLOURS.length]}" stroke-width="2" points="${path.join(' ')}"/>`
    }),
    `<text class="title" x="8" y="18">${title}</text>`,
    ...lines.map(({ name }, index) => {
      const at = WIDTH - 16 - (lines.length - index - 1) * 200
      return `<text x="${at}" y="18" text-anchor="end" style="fill:${COLOURS[index % COLOURS.length]}">― ${name}</text>`
    }),
  ]
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="${title}">
<style>text{font:12px system-ui,sans-serif;fill:#57606a}.title{font-weight:600}.rule{stroke:#8c959f;stroke-opacity:.35}@media(prefers-color-scheme:dark){text{fill:#9198a1}}</style>
${parts.join('\n')}
</svg>
`
}

/** The next of these times a power of ten: a quarter of each is a round number. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  return ([1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10].find((step) => step * power >= value) ?? 10) * power
}

const short = (value: number): string =>
  value >= 1e6 ? `${trim(value / 1e6)} M` : value >= 10_000 ? `${trim(value / 1000)} k` : trim(value)

const trim = (value: number): string => String(Number(value.toFixed(2)))
