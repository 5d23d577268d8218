/** Reports of other tools on the commit under review: their tests as gates. The formats: domain/evidently.ts, domain/great-expectations.ts. */
import { parseEvidently } from '../domain/evidently.ts'
import { parseGreatExpectations } from '../domain/great-expectations.ts'
import type { OutsideGate } from '../domain/outside-gate.ts'
import type { ReportSettings } from '../domain/settings.ts'
import { gatesOfTests, gateWithoutTests, type ToolReport } from '../domain/tool-report.ts'
import type { CompareQuestion } from './compare-model.ts'
import { type DocumentReading, readDocument } from './read-document.ts'
import { type MetricsDeps, type MetricsQuestion, problemOf } from './read-metrics.ts'

/** One parser for each tool; also of reports that monitoring writes (check-reports.ts). */
export const FORMATS: { readonly [Format in ReportSettings['format']]: (text: string) => ToolReport } = {
  evidently: parseEvidently,
  great_expectations: parseGreatExpectations,
}

/** The gates of the model's `reports:`. Throws only for GitHub outages and bugs; a report that cannot be had is a gate that is missing, or pending while it may still come. */
export async function readReports(
  { waivers, training, ...question }: Pick<CompareQuestion, 'waivers' | 'training'> & Omit<MetricsQuestion, 'final'>,
  reports: readonly ReportSettings[],
  deps: MetricsDeps,
): Promise<readonly OutsideGate[]> {
  // A release waits for what training writes as for its artefacts.
  const isAwaited = training === undefined || training.kind === 'waiting'
  const gates = await Promise.all(
    reports.map(async (report) => {
      const mayStillCome = isAwaited && report.place.kind !== 'file'
      const document = await readReport({ ...question, final: !mayStillCome }, report, deps)
      return gatesOf(document, { report, waivers, mayStillCome })
    }),
  )
  return gates.flat()
}

async function readReport(
  question: MetricsQuestion,
  { place }: ReportSettings,
  deps: MetricsDeps,
): Promise<DocumentReading> {
  try {
    return await readDocument(question, place, deps)
  } catch (error) {
    return problemOf(error)
  }
}

type ReportFacts = Pick<CompareQuestion, 'waivers'> & {
  readonly report: ReportSettings
  readonly mayStillCome: boolean
}

function gatesOf(document: DocumentReading, { report, waivers, mayStillCome }: ReportFacts): readonly OutsideGate[] {
  const without = (verdict: 'missing' | 'pending', evidence: string) => [
    gateWithoutTests({ verdict, evidence }, { report, url: undefined, waivers }),
  ]
  switch (document.kind) {
    case 'running':
      return without('pending', 'the runs that write it have not finished')
    case 'unavailable':
      return without('pending', document.problem.message).map((gate) => ({ ...gate, isHidden: true }))
    case 'none':
      return without(mayStillCome ? 'pending' : 'missing', document.problem.message)
    case 'refused':
      return without('missing', document.problem.message)
    case 'document': {
      const { text, name, url } = document
      const parsed = FORMATS[report.format](text)
      if (!parsed.ok) return without('missing', `${name} cannot be read: ${parsed.reason}`)
      return gatesOfTests(parsed.tests, { report, url, waivers })
    }
  }
}
