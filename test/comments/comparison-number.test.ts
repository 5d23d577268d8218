/** How numbers read in the comment. */
import { describe, expect, it } from 'vitest'
import {
  decimalsFor,
  formatLimit,
  formatNumber,
  formatP,
  formatPercent,
  formatSigned,
} from '../../src/comments/comparison-number.ts'

describe('numbers', () => {
  it.each([
    [[0.9144, 0.9031], 0.0113, '0.9144', '+0.0113'],
    [[131, 96], 35, '131', '+35'],
    [[31.8812, 27.1345], 4.7467, '31.88', '+4.75'],
    [[0.903104, 0.903101], 0.000003, '0.9031040', '+0.0000030'],
    [[1234567.25, 1234000.5], 566.75, '1234567', '+567'],
    [[2e-7, 1e-7], 1e-7, '0.0000002000', '+0.0000001000'],
    [[-0.5, 0.25], -0.75, '−0.5000', '−0.7500'],
  ])('%j with the change %f read %s and %s', (values, delta, first, change) => {
    const decimals = decimalsFor(values, delta)
    expect([formatNumber(values[0] ?? 0, decimals), formatSigned(delta, decimals)]).toEqual([first, change])
  })

  it.each([
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, '∞'],
    [Number.NEGATIVE_INFINITY, '−∞'],
    [1.5e15, '1.50e15'],
    [1e-14, '1.00e−14'],
  ])('%f reads %s', (value, text) => {
    expect(formatNumber(value, 4)).toBe(text)
  })

  it.each([
    [1.2512, '+1.3%'],
    [36.45, '+36%'],
    [-0.0423, '−0.042%'],
    [0, '0%'],
    [1234.5, '+1235%'],
  ])('a change of %f percent reads %s', (percent, text) => {
    expect(formatPercent(percent)).toBe(text)
  })

  it('shows limits as they were written and p in two digits', () => {
    expect([formatLimit(0.8), formatLimit(120), formatLimit(-3), formatLimit(1e-9)]).toEqual([
      '0.8',
      '120',
      '−3',
      '1e-9',
    ])
    expect([formatP(0.314), formatP(0.0004)]).toEqual(['p = 0.31', 'p < 0.001'])
  })
})
