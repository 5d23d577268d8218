/** The format of a recorded HTTP exchange. Written by record.ts, read by ../systems/mlflow-recordings.ts. */

/** One request and its answer. `lines` joined by a newline is the body, byte for byte. */
export type Exchange = {
  readonly request: {
    readonly method: string
    readonly path: string
    readonly query?: Readonly<Record<string, string>>
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: unknown
  }
  readonly response: { readonly status: number; readonly contentType: string; readonly lines: readonly string[] }
}

/** Where a recording comes from. */
export type Provenance = {
  readonly system: string
  readonly mlflow: string
  readonly scikitLearn: string
  readonly recordedAt: string
  readonly script: string
  readonly licence: string
}

/** A file of recorded exchanges, by a name that says what was asked. */
export type Recording = { readonly provenance: Provenance; readonly exchanges: Readonly<Record<string, Exchange>> }
