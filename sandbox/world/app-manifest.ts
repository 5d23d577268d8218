/** What app.yml asks for, so that the App of the stories may do and hears just what an installed one does: a right that is missing there fails the scenarios. */
import { readFileSync } from 'node:fs'
import { load } from 'js-yaml'
import type { AppSetting } from '../github/create-state.ts'

type Manifest = Required<Pick<AppSetting, 'permissions' | 'events'>>

/** Throws when app.yml does not list both. */
export function readAppManifest(): Manifest {
  const text = readFileSync(new URL('../../app.yml', import.meta.url), 'utf8')
  const manifest = load(text) as {
    readonly default_permissions?: Manifest['permissions']
    readonly default_events?: Manifest['events']
  }
  const { default_permissions: permissions, default_events: events } = manifest
  if (permissions === undefined || events === undefined) throw new Error('app.yml lists no permissions or no events')
  return { permissions, events }
}
