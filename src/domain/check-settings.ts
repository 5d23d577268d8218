/** The settings of the checks under `verify:` that ask something from outside. Parsed by src/config/verify-schema.ts; each kind is looked at by one src/services/check-*.ts. Workloads: settings.ts. */
import type { Milliseconds, ReportSettings, Tolerance } from './settings.ts'
import type { Template } from './template.ts'

/** `2xx`. */
export type StatusClass = '1xx' | '2xx' | '3xx' | '4xx' | '5xx'
export type ExpectedStatus = number | StatusClass

/** What one value of a JSON answer must be: equal to it, or within bounds. */
export type JsonRule = {
  /** As written: `outputs.0.data.0`, or a JSON pointer. */
  readonly path: string
  readonly segments: readonly string[]
  readonly want:
    | { readonly kind: 'equals'; readonly value: string | number | boolean | null }
    | { readonly kind: 'within'; readonly min: number | undefined; readonly max: number | undefined }
}

/** JSON that stands in the configuration, or in a file of the model repository at the release's commit. */
export type SampleDocument =
  | { readonly kind: 'inline'; readonly value: unknown }
  | { readonly kind: 'file'; readonly path: Template }

/** A request of inference whose right answer is known. */
export type SampleSettings = {
  readonly request: SampleDocument
  readonly response: SampleDocument
  /** Of numbers: that share of the wanted value, or that difference where the value is below 1. */
  readonly tolerance: number
}

/** Keys without a default are absent in settings that an older version stored. */
export type HttpCheck = {
  /** How people call it; undefined: method and address. */
  readonly name?: string | undefined
  readonly url: Template
  readonly method?: 'GET' | 'HEAD' | 'POST' | undefined
  /** Names in lower case. */
  readonly headers?: readonly { readonly name: string; readonly value: string }[] | undefined
  /** Any of them is right. */
  readonly expect: ExpectedStatus | readonly ExpectedStatus[]
  /** From the request to the end of the answer. */
  readonly maxLatency?: Milliseconds | undefined
  readonly bodyContains?: string | undefined
  readonly json?: readonly JsonRule[] | undefined
  readonly sample?: SampleSettings | undefined
  /** How many of the newest `of` looks must be right. */
  readonly successes: number
  readonly of: number
}

/** What "no data" means: it is waited for until the deadline, counts as a value that is right, or as one that is wrong. */
export type NoData = 'wait' | 'pass' | 'fail'

/** At least one of min, max, maxRegression is set; `goal` wherever maxRegression is. */
export type PrometheusCheck = {
  readonly name?: string | undefined
  readonly server: string
  readonly query: Template
  /** Shown behind values: `s`, `%`. */
  readonly unit?: string | undefined
  readonly min: number | undefined
  readonly max: number | undefined
  /** Compared with the same query at the moment of the merge. */
  readonly maxRegression?: Tolerance | undefined
  readonly goal?: 'maximize' | 'minimize' | undefined
  /** Default `wait`. */
  readonly noData?: NoData | undefined
  /** When there was no data before the deployment. Default `pass`. */
  readonly noBaseline?: 'pass' | 'fail' | undefined
}

/** A report that monitoring writes after the deployment. */
export type ReportCheck = {
  readonly name: string
  readonly format: ReportSettings['format']
  /** `s3://bucket/key`. */
  readonly uri: Template
}
