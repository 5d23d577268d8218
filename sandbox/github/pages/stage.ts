/** What the pages are told about the world outside GitHub, by whoever starts them; all of it may be empty. */

/** One model in one environment: what the config repository says, and what the cluster does. */
export type SeenEnvironment = {
  readonly model: string
  readonly environment: string
  /** From the manifest on the default branch. */
  readonly manifest: { readonly uri: string | undefined; readonly image: string | undefined }
  /** The URI that the answering pods have loaded. */
  readonly serving: string | undefined
  readonly ready: 'Ready' | 'Not ready' | 'absent'
  readonly application: {
    readonly name: string
    readonly sync: string
    readonly health: string
    readonly revision: string
  }
  /** Registry aliases of the version that the manifest names. */
  readonly aliases: readonly string[]
}

/** Something a reader can let a person of the story do, by a button. */
export type Act = { readonly id: string; readonly label: string; readonly about: string; run(): void }

export type Stage = {
  environments(): readonly SeenEnvironment[]
  readonly acts: readonly Act[]
  /** Lets time pass in its own way; absent: the clock jumps. */
  readonly passTime?: (milliseconds: number) => void
}

export const EMPTY_STAGE: Stage = { environments: () => [], acts: [] }
