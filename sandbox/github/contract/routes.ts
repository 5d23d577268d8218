/** Finds the operation of GitHub's description that a request is for. The description comes from description.ts. */
import { type Description, type Operation, type Parameter, resolveReference } from './description.ts'

type Route = {
  readonly method: string
  /** The path as the description spells it: `/repos/{owner}/{repo}`. */
  readonly template: string
  readonly operation: Operation
  readonly parameters: readonly Parameter[]
}

export type RouteMatch = Route & { readonly pathValues: Readonly<Record<string, string>> }

export type FindRoute = (method: string, path: string) => RouteMatch | undefined

type CompiledRoute = Route & { readonly pattern: RegExp; readonly names: readonly string[]; readonly score: number }

/** Compiles the description's paths. The returned function takes a raw (still percent-encoded) path, with or without the `/api/v3` of a GitHub Enterprise Server. */
export function compileRoutes(description: Description): FindRoute {
  const routes = Object.entries(description.paths)
    .flatMap(([template, operations]) =>
      Object.entries(operations).map(([method, operation]) => compile(description, { method, template, operation })),
    )
    // Literal segments beat parameters, and one-segment parameters beat those that swallow slashes.
    .sort((a, b) => a.score - b.score || b.template.length - a.template.length)
  return (method, path) => {
    const bare = path.replace(/^\/api\/v3(?=\/|$)/, '')
    for (const route of routes) {
      const match = route.method === method.toLowerCase() ? route.pattern.exec(bare) : null
      if (match === null) continue
      return {
        ...route,
        pathValues: Object.fromEntries(route.names.map((name, index) => [name, decode(match[index + 1] ?? '')])),
      }
    }
    return undefined
  }
}

function compile(description: Description, route: Omit<Route, 'parameters'>): CompiledRoute {
  const parameters = (route.operation.parameters ?? []).map((parameter) => resolveReference(description, parameter))
  const swallowing = new Set(parameters.filter((each) => each['x-multi-segment']).map((each) => each.name))
  const names: string[] = []
  const pattern = route.template
    .replace(/[.]/g, '\\.')
    .replace(/\{([^}]+)\}/g, (_, name: string) => {
      names.push(name)
      return swallowing.has(name) ? '(.+)' : '([^/]+)'
    })
    // A repository's root directory is asked for with an empty path, with or without its slash.
    .replace('/contents/(.+)', '/contents(?:/(.*))?')
  return {
    ...route,
    parameters,
    names,
    pattern: new RegExp(`^${pattern}$`),
    score: names.length * 10 + swallowing.size,
  }
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
