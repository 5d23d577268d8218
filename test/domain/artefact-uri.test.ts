/** Addresses of artefacts: what a map makes of MLflow's own, and what it refuses to guess. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isPullable, mapUri, schemeOf } from '../../src/domain/artefact-uri.ts'

const MAP = [
  { from: 'mlflow-artifacts:/', to: 's3://acme-mlflow/' },
  { from: 'mlflow-artifacts:/7/', to: 's3://acme-research/seven/' },
  { from: 'mlflow-artifacts://mlflow:5000/', to: 's3://acme-mlflow/hosted/' },
]

describe('a mapped address', () => {
  it.each([
    ['mlflow-artifacts:/1/models/m-1/artifacts', 's3://acme-mlflow/1/models/m-1/artifacts'],
    ['mlflow-artifacts:/1/r/artifacts/model/', 's3://acme-mlflow/1/r/artifacts/model'],
    ['mlflow-artifacts:/7/r/artifacts/model', 's3://acme-research/seven/r/artifacts/model'],
    ['mlflow-artifacts:/77/r/artifacts/model', 's3://acme-mlflow/77/r/artifacts/model'],
    ['mlflow-artifacts://mlflow:5000/1/r/model', 's3://acme-mlflow/hosted/1/r/model'],
    ['gs://bucket/a%20b', 'gs://bucket/a%20b'],
  ])('%s is %s', (uri, mapped) => {
    expect(mapUri(uri, MAP)).toEqual({ ok: true, uri: mapped })
    expect(mapUri(uri, MAP.toReversed())).toEqual({ ok: true, uri: mapped })
  })

  it.each([
    ['mlflow-artifacts:/1/../secret', 'it has `.` or `..` segments'],
    ['mlflow-artifacts:/..', 'it has `.` or `..` segments'],
    ['mlflow-artifacts:/./model', 'it has `.` or `..` segments'],
    ['mlflow-artifacts:/1//model', 'it has two slashes in a row'],
    ['mlflow-artifacts://elsewhere/1/model', 'it has two slashes in a row'],
    ['mlflow-artifacts:/1/%2e%2e/model', 'it is percent-encoded, which not every program undoes'],
    ['mlflow-artifacts:/1/a%2Fb', 'it is percent-encoded, which not every program undoes'],
    ['mlflow-artifacts:/1/model?versionId=2', 'it has a `?`, `#` or backslash'],
    ['mlflow-artifacts:/1\\..\\model', 'it has a `?`, `#` or backslash'],
    ['mlflow-artifacts:/1/my model', 'it has a blank or a control character'],
    ['mlflow-artifacts:/1/model\u0000', 'it has a blank or a control character'],
    ['mlflow-artifacts:/', 'it names the whole store'],
    ['mlflow-artifacts:/7/', 'it names the whole store'],
  ])('%j is none: %s', (uri, reason) => {
    expect(mapUri(uri, MAP)).toEqual({ ok: false, reason })
  })

  it('is always below where the map points, and keeps every segment', () => {
    const rest = fc.string({ unit: fc.constantFrom('a', 'b', '.', '/', '%', '2', 'e', '\\', ' ', '?', '#', 'é') })
    fc.assert(
      fc.property(rest, (path) => {
        const mapped = mapUri(`mlflow-artifacts:/${path}`, MAP)
        if (!mapped.ok) return
        expect(mapped.uri.startsWith('s3://acme-mlflow/')).toBe(true)
        const { pathname, host } = new URL(mapped.uri)
        expect(host).toBe('acme-mlflow')
        expect(decodeURIComponent(pathname)).toBe(`/${path.replace(/\/$/, '')}`)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('what KServe can pull', () => {
  it.each([
    's3://b/k',
    'gs://b/k',
    'hf://org/model',
    'oci://r/i:1',
    'oci+native://r/i:1',
    'pvc://claim/model',
    'https://h/m.zip',
  ])('%s', (uri) => {
    expect(isPullable(uri)).toBe(true)
  })

  it.each([
    'models:/m-1',
    'Models:/churn/1',
    'runs:/r/model',
    'mlflow-artifacts:/1/r',
    'dbfs:/databricks/r',
    'file:///mlruns/r',
    '/mlruns/1/r',
    'C:\\mlruns\\r',
    'wasbs://c@a.blob.core.windows.net/r',
    '',
  ])('not %j', (uri) => {
    expect(isPullable(uri)).toBe(false)
  })

  it('is told by a scheme of at least two letters', () => {
    expect([schemeOf('S3://b'), schemeOf('C:/x'), schemeOf('x')]).toEqual(['s3', undefined, undefined])
  })
})
