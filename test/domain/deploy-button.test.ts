/** Buttons keep GitHub's limits, and a click means one environment of one model, or nothing. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deployButtons, isDeployButton, targetOfButton } from '../../src/domain/deploy-button.ts'
import { parseEnvironmentName } from '../../src/domain/ids.ts'
import type { ModelSettings } from '../../src/domain/settings.ts'
import { CHURN, known, PROD } from './reference-settings.ts'

const to = (...environments: readonly string[]) =>
  deployButtons(environments.map((each) => ({ model: CHURN, environment: known(parseEnvironmentName(each)) })))

/** A configuration in which churn goes to prod. */
const settings = {
  models: new Map([[CHURN, { name: CHURN, environments: [PROD] } as Pick<ModelSettings, 'name' | 'environments'>]]),
}

describe('the buttons', () => {
  it('say where to', () => {
    expect(to('dev')).toMatchObject([{ label: 'Deploy to dev', description: 'This head, unmerged, to dev' }])
  })

  it('shorten what is too long, and leave out what would then look alike', () => {
    expect(to('staging-eu-west-1', 'staging-eu-west-2').map(({ label }) => label)).toEqual([
      'Deploy to stagi…st-1',
      'Deploy to stagi…st-2',
    ])
    expect(to('staging-eu-west-1', 'staging-us-west-1', 'dev').map(({ label }) => label)).toEqual(['Deploy to dev'])
  })

  it('are at most two, within 20, 40 and 20 characters, each of its own', () => {
    const names = fc
      .stringMatching(/^[a-z0-9][a-z0-9._-]{0,40}$/)
      .filter((text) => parseEnvironmentName(text) !== undefined)
    fc.assert(
      fc.property(fc.uniqueArray(names, { maxLength: 6 }), (environments) => {
        const buttons = to(...environments)
        expect(buttons.length).toBeLessThanOrEqual(2)
        for (const { label, description, identifier } of buttons) {
          expect([label.length <= 20, description.length <= 40, identifier.length <= 20]).toEqual([true, true, true])
          expect(isDeployButton(identifier)).toBe(true)
        }
        expect(new Set(buttons.map(({ label }) => label)).size).toBe(buttons.length)
      }),
    )
  })
})

describe('a click', () => {
  const [button] = to('prod')

  it('means the environment of the model that the configuration has', () => {
    expect(targetOfButton(button?.identifier ?? '', settings)).toEqual({ model: 'churn', environment: 'prod' })
  })

  it('means nothing once that is gone', () => {
    expect(targetOfButton('deploy-000000000000', settings)).toBeUndefined()
    expect(targetOfButton('re-evaluate', settings)).toBeUndefined()
  })
})
