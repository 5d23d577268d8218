/** Many gates, one verdict: required ones decide, whatever they are over. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { GateVerdict } from '../../src/domain/gate.ts'
import { NO_GATES, summariseGates } from '../../src/domain/gate-summary.ts'
import { countOutside, type OutsideGate } from '../../src/domain/outside-gate.ts'

const outside = (name: string, verdict: GateVerdict, required = true): OutsideGate => ({
  name,
  verdict,
  required,
  evidence: '',
  url: undefined,
  waived: undefined,
})
const metric = (name: string, verdict: GateVerdict, required = true) => ({ name, verdict, required })

describe('the verdict over gates', () => {
  it.each([
    ['none', []],
    ['pass', [metric('a', 'pass')]],
    ['pass', [metric('a', 'waived')]],
    ['fail', [metric('a', 'pass'), metric('b', 'fail')]],
    ['fail', [metric('a', 'pending'), metric('b', 'missing')]],
    ['pending', [metric('a', 'pass'), metric('b', 'pending')]],
    ['pass', [metric('a', 'pass'), metric('b', 'fail', false)]],
    ['pass', [metric('a', 'pass'), metric('b', 'pending', false)]],
    ['none', [metric('a', 'fail', false), metric('b', 'pass', false)]],
  ] as const)('is %s for %j', (verdict, gates) => expect(summariseGates(gates).verdict).toBe(verdict))

  it('names who fails, who is missing, and who only advises', () => {
    const gates = [metric('a', 'fail'), metric('b', 'missing'), metric('c', 'missing', false), metric('d', 'waived')]
    expect(summariseGates(gates)).toEqual({
      verdict: 'fail',
      failing: ['a', 'b'],
      missing: ['b'],
      pending: [],
      waived: ['d'],
      advisory: ['c'],
    })
  })
})

describe('gates that are no metrics', () => {
  it('count like the others', () => {
    const metrics = summariseGates([metric('auc', 'pass')])
    expect(countOutside(metrics, [outside('check/coverage', 'fail')])).toMatchObject({
      verdict: 'fail',
      failing: ['check/coverage'],
    })
    expect(countOutside(metrics, [outside('check/coverage', 'pending')]).verdict).toBe('pending')
    expect(countOutside(metrics, [outside('check/coverage', 'missing', false)])).toMatchObject({
      verdict: 'pass',
      advisory: ['check/coverage'],
    })
    expect(countOutside(NO_GATES, [outside('check/coverage', 'pass')]).verdict).toBe('pass')
    expect(countOutside(metrics, [])).toEqual(metrics)
  })

  it('make the verdict that all gates in one list would have', () => {
    const anyGate = fc.record({
      name: fc.string(),
      verdict: fc.constantFrom<GateVerdict[]>('pass', 'fail', 'missing', 'waived', 'pending'),
      required: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(anyGate), fc.array(anyGate), (some, others) => {
        const foreign = others.map(({ name, verdict, required }) => outside(name, verdict, required))
        expect(countOutside(summariseGates(some), foreign)).toEqual(summariseGates([...some, ...others]))
      }),
    )
  })
})
