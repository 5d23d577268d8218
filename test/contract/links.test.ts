/** Links between the pages of this repository lead somewhere, headings included. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, posix } from 'node:path'
import { expect, it } from 'vitest'

const pages = ['.', 'docs', 'sandbox', 'examples', 'bench'].flatMap((folder) =>
  readdirSync(folder, { recursive: folder !== '.', encoding: 'utf8' })
    .filter((path) => path.endsWith('.md') && !path.includes('node_modules'))
    .map((path) => join(folder, path).replaceAll('\\', '/')),
)

/** As GitHub makes it: lower case, words joined by hyphens, no punctuation. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-')

const withoutCode = (text: string): string => text.replace(/^```[\s\S]*?^```/gm, '')

const anchorsOf = (path: string): readonly string[] =>
  [...withoutCode(readFileSync(path, 'utf8')).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => anchorOf(heading))

function isBroken(page: string, target: string): boolean {
  const [path = '', anchor] = target.split('#', 2)
  const file = path === '' ? page : posix.join(posix.dirname(page), path)
  if (!existsSync(file)) return true
  return anchor !== undefined && statSync(file).isFile() && !anchorsOf(file).includes(anchor)
}

it.each(pages)('%s', (page) => {
  const links = [...withoutCode(readFileSync(page, 'utf8')).matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)]
  expect(links.map(([, target = '']) => target).filter((target) => isBroken(page, target))).toEqual([])
})
