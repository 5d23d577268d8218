/** A model's answer against the right one: which output, which index, what was seen, what was wanted. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareSample, isClose } from '../../src/domain/inference-sample.ts'

const v1 = (...predictions: readonly unknown[]) => ({ predictions })
const v2 = (...outputs: readonly object[]) => ({ model_name: 'churn', id: '7', outputs })
const output = (data: unknown, more: object = {}) => ({ name: 'p', datatype: 'FP32', shape: [2], data, ...more })
const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)])

describe('an answer is right', () => {
  it.each([
    ['V1, number by number', v1(0.1, 0.9), v1(0.1, 0.9)],
    ['V1, within the tolerance', v1(0.1004), v1(0.1)],
    ['V1, a large number within its share', v1(100_050), v1(100_000)],
    ['V1, lists of classes', v1([0.2, 0.8], [0.7, 0.3]), v1([0.2, 0.8], [0.7, 0.3])],
    [
      'V1, mappings with more in them than is asked',
      v1({ label: 'stay', score: 0.8, ms: 3 }),
      v1({ label: 'stay', score: 0.8 }),
    ],
    ['V2, by name and not by place', v2({ name: 'q', data: [1] }, output([1, 2])), v2(output([1, 2]))],
    ['V2, nested where flat is expected', v2(output([[1], [2]])), v2(output([1, 2]))],
    ['V2, flat where nested is expected', v2(output([1, 2])), v2(output([[1], [2]]))],
    ['V2, without shape and datatype where none are asked', v2(output([1, 2])), v2({ name: 'p', data: [1, 2] })],
    ['V2, bytes as text', v2(output(['stay'], { datatype: 'BYTES' })), v2({ name: 'p', data: ['stay'] })],
    ['V2, booleans', v2(output([true, false])), v2({ name: 'p', data: [true, false] })],
    ['of another protocol', { choices: [{ text: 'yes' }], id: 4 }, { choices: [{ text: 'yes' }] }],
    ['with nothing where nothing is right', v1(null), v1(null)],
    ['with a key that JavaScript knows', { constructor: 1 }, { constructor: 1 }],
  ])('%s', (_, seen, wanted) => {
    expect(compareSample(seen, wanted, 0.001)).toEqual({ ok: true })
  })
})

describe('an answer is wrong, and it is said where', () => {
  it.each([
    ['another number', v1(0.1, 0.81), v1(0.1, 0.79), 'predictions[1] is 0.81, wanted 0.79 ± 0.001'],
    ['another number in a list', v1([0.2, 0.5]), v1([0.2, 0.8]), 'predictions[0][1] is 0.5, wanted 0.8 ± 0.001'],
    ['another text', v1({ label: 'leave' }), v1({ label: 'stay' }), 'predictions[0].label is "leave", wanted "stay"'],
    ['text for a number', v1('0.1'), v1(0.1), 'predictions[0] is "0.1", wanted 0.1 ± 0.001'],
    ['a number for text', v1(1), v1('1'), 'predictions[0] is 1, wanted "1"'],
    ['nothing for a number', v1(null), v1(0.1), 'predictions[0] is null, wanted 0.1 ± 0.001'],
    ['too few', v1(0.1), v1(0.1, 0.2), 'predictions holds 1 values, wanted 2'],
    ['too many', v1(0.1, 0.2), v1(0.1), 'predictions holds 2 values, wanted 1'],
    ['no list', { predictions: 0.1 }, v1(0.1), 'predictions is 0.1, wanted a list of 1'],
    ['another protocol', v2(output([1, 2])), v1(0.1), 'the answer has no predictions; it has model_name, id, outputs'],
    ['V1 for V2', v1(0.1), v2(output([1, 2])), 'the answer has no outputs; it has predictions'],
    ['another output', v2({ name: 'q', data: [1] }), v2(output([1, 2])), 'the answer has no output p, only q'],
    ['V2, another number', v2(output([1, 2.5])), v2(output([1, 2])), 'p[1] is 2.5, wanted 2 ± 0.001'],
    [
      'V2, another shape',
      v2(output([1, 2], { shape: [1, 2] })),
      v2(output([1, 2])),
      'the shape of output p is [1,2], wanted [2]',
    ],
    [
      'V2, another datatype',
      v2(output([1, 2], { datatype: 'INT64' })),
      v2(output([1, 2])),
      'the datatype of output p is "INT64", wanted "FP32"',
    ],
    [
      'V2, binary data',
      v2({ name: 'p', parameters: { binary_data_size: 8 } }),
      v2({ name: 'p', data: [1] }),
      'output p has no data as JSON',
    ],
    ['an error', { error: 'model not found' }, v1(0.1), 'the answer has no predictions; it has error'],
    ['no mapping at all', 'ok', v1(0.1), 'the answer is "ok", wanted a mapping'],
    ['a key that only JavaScript knows', {}, { constructor: 1 }, 'the answer has no constructor'],
    ['nothing is compared', v1(), v1(), 'the right answer holds no value to compare'],
    ['nothing is compared in V2', v2(output([1])), v2({ name: 'p' }), 'the right answer holds no value to compare'],
    ['nested without end', nested(5000), nested(5000), 'the right answer is nested too deep'],
    [
      'V2, nested without end',
      v2({ name: 'p', data: [nested(5000)] }),
      v2({ name: 'p', data: [1] }),
      'output p is nested too deep or too large',
    ],
    [
      'a name without end',
      { ['x'.repeat(9000)]: 1 },
      v1(1),
      `the answer has no predictions; it has ${'x'.repeat(59)}…`,
    ],
  ])('%s', (_, seen, wanted, problem) => {
    expect(compareSample(seen, wanted, 0.001)).toEqual({ ok: false, problem })
  })

  it('more values than a sample has', () => {
    const many = v1(...Array.from({ length: 100_001 }, () => 1))
    expect(compareSample(many, many, 0)).toEqual({
      ok: false,
      problem: 'the right answer holds more than 100000 values',
    })
  })
})

describe('a tolerance', () => {
  it.each([
    [0.1, 0.1, 0, true],
    [0.1 + 0.2, 0.3, 0, false],
    [0.1 + 0.2, 0.3, 1e-9, true],
    [1001, 1000, 0.001, true],
    [1001.1, 1000, 0.001, false],
    [-0.0005, 0.0005, 0.001, true],
    [Number.NaN, 1, 1, false],
  ])('%d for %d within %d: %s', (seen, wanted, tolerance, expected) => {
    expect(isClose(seen, wanted, tolerance)).toBe(expected)
  })
})

const json = fc.jsonValue({ maxDepth: 5 })
const holdsValue = (value: unknown): boolean =>
  typeof value === 'object' && value !== null ? Object.values(value).some(holdsValue) : true

describe('whatever the JSON', () => {
  it('is right when it is the same, and nothing else is one value', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(compareSample(value, structuredClone(value), 0).ok).toBe(holdsValue(value))
      }),
    )
  })

  it('is compared without an exception, and a problem is short', () => {
    fc.assert(
      fc.property(json, json, (seen, wanted) => {
        const compared = compareSample(seen, wanted, 0.001)
        if (!compared.ok) expect(compared.problem.length).toBeLessThan(6000)
      }),
    )
  })

  it('finds the one number that is off', () => {
    const numbers = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(numbers, fc.nat(), (data, at) => {
        const index = at % data.length
        const seen = data.map((value, place) => (place === index ? value + 1 + Math.abs(value) * 0.01 : value))
        const compared = compareSample(v2({ name: 'p', data: seen }), v2({ name: 'p', data }), 0.001)
        expect(compared).toMatchObject({ ok: false, problem: expect.stringContaining(`p[${index}] is `) })
      }),
    )
  })
})

it('tens of thousands of outputs are compared before anybody else has to wait', () => {
  const many = Array.from({ length: 40_000 }, (_, index) => ({ name: `output-${index}`, data: [1] }))
  const started = performance.now()
  expect(compareSample(v2(...many), v2(...many), 0)).toEqual({ ok: true })
  // By a search for each: more than ten seconds.
  expect(performance.now() - started).toBeLessThan(6000)
})
