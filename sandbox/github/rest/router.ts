/** Finds the route for a raw path. Octokit sends slashes inside a parameter as `%2F`; people and browsers as they are. */
import type { Route } from './call.ts'

export type RouteMatch = { readonly route: Route; readonly params: Readonly<Record<string, string>> }

type Compiled = {
  readonly route: Route
  readonly pattern: RegExp
  readonly names: readonly string[]
  readonly score: number
}

/** Compiles routes; the result finds the most literal one for a method and a percent-encoded path. */
export function createRouter(routes: readonly Route[]): (method: string, path: string) => RouteMatch | undefined {
  const compiled = routes.map(compile).sort((a, b) => a.score - b.score)
  return (method, path) => {
    for (const { route, pattern, names } of compiled) {
      const match = route.method === method ? pattern.exec(path) : null
      if (match === null) continue
      return { route, params: Object.fromEntries(names.map((name, index) => [name, decode(match[index + 1] ?? '')])) }
    }
    return undefined
  }
}

function compile(route: Route): Compiled {
  const names: string[] = []
  const slashes: string[] = []
  const pattern = route.path.replaceAll(/\{(\+?)(\w+)\}/g, (_, plus: string, name: string) => {
    names.push(name)
    if (plus !== '') slashes.push(name)
    return plus === '' ? '([^/]+)' : '(.+?)'
  })
  const literals = route.path.split('/').filter((part) => !part.startsWith('{')).length
  return { route, pattern: new RegExp(`^${pattern}$`), names, score: names.length * 10 + slashes.length * 5 - literals }
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
