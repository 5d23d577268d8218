/** VERBS: the one list of what `lockkeeper` can do. main.ts runs them, completion.ts completes them. */
import type { Verb } from './verb.ts'

type Entry = { readonly summary: string; readonly load: () => Promise<Verb> }

/** Each is loaded when it is asked for: `serve` alone brings a hundred packages. */
export const VERBS: Readonly<Record<string, Entry>> = {
  serve: { summary: 'run the GitHub App', load: async () => (await import('./serve.ts')).serve },
  validate: {
    summary: 'check a configuration, with line and column of everything that is wrong',
    load: async () => (await import('./validate.ts')).validate,
  },
  compare: {
    summary: 'compare the metrics of files or MLflow runs, and judge the gates',
    load: async () => (await import('./compare.ts')).compare,
  },
  edit: {
    summary: 'change values of a manifest byte-exactly, as a promotion does',
    load: async () => (await import('./edit.ts')).edit,
  },
  plan: {
    summary: 'show what a promotion would change in a checkout of the config repository',
    load: async () => (await import('./plan.ts')).plan,
  },
  simulate: {
    summary: 'say what a slash command would do, and do nothing',
    load: async () => (await import('./simulate.ts')).simulate,
  },
  doctor: {
    summary: 'ask every system that the server is set up for, and say what is wrong',
    load: async () => (await import('./doctor.ts')).doctor,
  },
  rebuild: {
    summary: 'restore the ledger of a lost database from what GitHub has',
    load: async () => (await import('./rebuild.ts')).rebuild,
  },
  completion: {
    summary: 'print what makes a shell complete all this',
    load: async () => (await import('./completion.ts')).completion,
  },
}
