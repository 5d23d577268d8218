/** Files of metrics as people's scripts write them. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { flattenMetrics, parseMetricsFile } from '../../src/domain/metrics-file.ts'

const metrics = (found: Readonly<Record<string, number>>) => ({ ok: true, metrics: new Map(Object.entries(found)) })

describe('a metrics file', () => {
  it('gives nested numbers dotted names and leaves out everything that is no number', () => {
    const text = '{"f1": 0.8, "by_country": {"DE": {"auc": 0.9}}, "name": "x", "ok": true, "list": [1], "none": null}'
    expect(parseMetricsFile(text)).toEqual({
      ok: true,
      metrics: new Map([
        ['f1', 0.8],
        ['by_country.DE.auc', 0.9],
      ]),
    })
  })

  it('reads the bare NaN and Infinity that Python writes', () => {
    const read = parseMetricsFile('{"a": NaN, "b": Infinity, "c": -Infinity, "d": "NaN", "e": 1e-3}')
    expect(read).toEqual({
      ok: true,
      metrics: new Map([
        ['a', Number.NaN],
        ['b', Number.POSITIVE_INFINITY],
        ['c', Number.NEGATIVE_INFINITY],
        ['d', Number.NaN],
        ['e', 0.001],
      ]),
    })
  })

  it('may be YAML, and may start with a byte order mark', () => {
    expect(parseMetricsFile('train:\n  f1: 0.5\n')).toEqual({ ok: true, metrics: new Map([['train.f1', 0.5]]) })
    expect(parseMetricsFile('\uFEFF{"f1": 1}')).toEqual({ ok: true, metrics: new Map([['f1', 1]]) })
  })

  it.each(['', '[1, 2]', '3', '{"a": ', 'a: *x', `${'['.repeat(5000)}`])('refuses %j with a reason', (text) => {
    expect(parseMetricsFile(text)).toMatchObject({ ok: false, reason: expect.any(String) })
  })

  it('survives anything', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        for (const number of flattenMetrics(value)?.values() ?? []) expect(typeof number).toBe('number')
      }),
    )
  })
})

describe('a file that is broken', () => {
  it.each([
    ['{\n  "auc": 0.9,\n  "f1": 0.8,,\n}', 'metrics.json', 'line 3, column 13'],
    ['{\n  "auc": NaN\n  "f1": 0.8\n}', 'metrics.json', 'line 3'],
    ['auc: 0.9\nauc: 0.8\n', 'metrics.yaml', 'line 2, column 1: duplicated mapping key'],
    ['auc = 0.9', 'metrics.toml', 'TOML is not read'],
  ])('is refused with its line: %j', (text, name, reason) => {
    expect(parseMetricsFile(text, name)).toEqual({ ok: false, reason: expect.stringContaining(reason) })
  })

  it('is one with more metrics than anybody measures', () => {
    const many = Object.fromEntries(Array.from({ length: 20_001 }, (_, index) => [`m${index}`, index]))
    expect(parseMetricsFile(JSON.stringify(many))).toEqual({ ok: false, reason: 'it has more than 20000 metrics' })
    const { m0: _, ...most } = many
    expect(parseMetricsFile(JSON.stringify(most))).toMatchObject({ ok: true })
  })
})

describe('a table', () => {
  it.each([
    ['auc,f1\n0.91,0.8\n', { auc: 0.91, f1: 0.8 }],
    ['auc,f1\r\n0.91,8e-1', { auc: 0.91, f1: 0.8 }],
    // pandas writes its index as a column without a name, and nothing for NaN.
    [',model,auc,f1,loss\n0,churn,0.91,,inf\n', { auc: 0.91, loss: Number.POSITIVE_INFINITY }],
    ['"auc","note","a ""b"", c"\n.5,"two\nlines",-NaN\n\n', { auc: 0.5, 'a "b", c': Number.NaN }],
    ['"f1/segment=eu,age=18-25",auc\n1,2', { 'f1/segment=eu,age=18-25': 1, auc: 2 }],
  ])('has one row of numbers: %j', (text, expected) => {
    expect(parseMetricsFile(text, 's3://b/metrics.CSV')).toEqual(metrics(expected))
    expect(parseMetricsFile(text)).toEqual(metrics(expected))
    expect(parseMetricsFile(text.replaceAll(/,(?=[^"]*(?:"[^"]*"[^"]*)*$)/g, '\t'), 'm.tsv')).toEqual(metrics(expected))
  })

  it.each([
    ['', 'no row of numbers'],
    ['auc,f1\n', 'no row of numbers'],
    ['metric,value\nauc,0.9\nf1,0.8\n', 'has more rows than one (line 3)'],
    ['auc,f1\n0.9\n', 'line 2 has 1 fields, and the header has 2'],
    ['"a\nb",f1\n0.9\n', 'line 3 has 1 fields'],
    ['auc,auc\n0.9,0.8\n', 'names auc twice'],
    ['auc,f1\n"0.9,0.8\n', 'line 2 has a quote'],
    ['auc,f1\n0."9",0.8\n', 'line 2 has a quote'],
    ['auc;f1\n0,9;0,8\n', 'line 2 has 3 fields, and the header has 1'],
    ['auc;f1\n0.9;0.8\n', 'none of its columns holds a number'],
  ])('is refused otherwise: %j', (text, reason) => {
    expect(parseMetricsFile(text, 'metrics.csv')).toEqual({ ok: false, reason: expect.stringContaining(reason) })
  })

  it('of 8 MiB is read or refused, whatever it holds', () => {
    const million = 1024 * 1024
    const quotes = `"${'""'.repeat(4 * million)}"`
    expect(parseMetricsFile(`a\n${quotes}`, 'm.csv')).toMatchObject({ ok: false })
    expect(parseMetricsFile(`${'a'.repeat(8 * million)}\n0.5`, 'm.csv')).toMatchObject({ ok: false })
    expect(parseMetricsFile(`${'a,'.repeat(4 * million)}b\n0.5`, 'm.csv')).toMatchObject({ ok: false })
    expect(parseMetricsFile('1\n'.repeat(4 * million), 'm.csv')).toMatchObject({ ok: false })
  })

  it('comes back as it was written, whatever its names', () => {
    const name = fc
      .string({ minLength: 1, unit: fc.constantFrom(...'ab",\n\r \t=/') })
      .filter((text) => text.trim() !== '')
    const columns = fc.uniqueArray(fc.tuple(name, fc.double({ noDefaultInfinity: true, noNaN: true })), {
      minLength: 1,
      selector: ([text]) => text.trim(),
    })
    const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
    fc.assert(
      fc.property(columns, fc.constantFrom('\n', '\r\n'), (written, end) => {
        const text = `${written.map(([text]) => quoted(text)).join()}${end}${written.map(([, value]) => value).join()}${end}`
        const expected = written.map(([text, value]) => [text.trim(), Number(String(value))] as const)
        expect(parseMetricsFile(text, 'm.csv')).toEqual({ ok: true, metrics: new Map(expected) })
      }),
    )
  })
})
