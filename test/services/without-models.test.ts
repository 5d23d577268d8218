/** Pushes to repositories without models, in whatever order they are heard: nothing is believed that no read and no chain of pushes bears out. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Publication } from '../../src/services/ledger.ts'
import { followPush, isWithoutModels, rememberWithoutModels } from '../../src/services/without-models.ts'
import { repo, sha } from '../support/ids.ts'

const CONFIG = repo('acme/config')
const DIGITS = [...'0123456789abcdef']
const SETTINGS = '.github/lockkeeper.yml'

function memory(known?: { readonly models: number }) {
  const kept = new Map<string, Publication>()
  const ledger = {
    publication: async (key: string) => kept.get(key),
    savePublication: async (publication: Publication) => void kept.set(publication.key, publication),
    knownFile: async () => known && { oid: 'o', text: '' },
  }
  const models = new Map(Array.from({ length: known?.models ?? 0 }, (_, index) => [`m${index}`, {}]))
  const parseConfig = () => ({ ok: true, settings: { models }, notices: [], lineOf: () => undefined })
  return { ledger, clock: { now: () => new Date('2026-11-17T10:00:00Z') }, parseConfig } as never
}

const pushTo = (index: number, paths: readonly string[] | undefined = ['a.yaml']) => ({
  repository: CONFIG,
  before: sha(DIGITS[index - 1] ?? '0'),
  sha: sha(DIGITS[index] ?? '0'),
  paths: paths && new Set(paths),
})
const at = (index: number) => ({ repository: CONFIG, sha: sha(DIGITS[index] ?? '0') })

it('in any order, however often each is heard, exactly the pushes up to the first that touches the settings are known', async () => {
  const orders = fc.record({
    touching: fc.integer({ min: 1, max: 16 }),
    heard: fc.shuffledSubarray([...DIGITS.keys()].slice(1), { minLength: 15 }),
    again: fc.array(fc.integer({ min: 1, max: 15 }), { maxLength: 5 }),
  })
  await fc.assert(
    fc.asyncProperty(orders, async ({ touching, heard, again }) => {
      const deps = memory()
      await rememberWithoutModels(at(0), deps)
      for (const index of [...heard, ...again])
        await followPush(pushTo(index, index === touching ? ['a.yaml', SETTINGS] : ['a.yaml']), deps)
      for (const index of heard) expect(await isWithoutModels(at(index), deps)).toBe(index < touching)
    }),
  )
})

it.each([
  ['one push was not heard', [1, 3], 3, undefined],
  ['GitHub did not list what a push changed', [1], 1, [1]],
] as const)('%s: what came after is read', async (_, heard, asked, unlisted) => {
  const deps = memory()
  await rememberWithoutModels(at(0), deps)
  for (const index of heard) {
    const push = pushTo(index)
    await followPush(unlisted?.some((each) => each === index) ? { ...push, paths: undefined } : push, deps)
  }
  expect(await isWithoutModels(at(asked), deps)).toBe(false)
  await rememberWithoutModels(at(asked), deps)
  expect(await isWithoutModels(at(asked), deps)).toBe(true)
})

it('a repository with models is not followed', async () => {
  const deps = memory({ models: 1 })
  await rememberWithoutModels(at(0), deps)
  await followPush(pushTo(1), deps)
  expect(await isWithoutModels(at(1), deps)).toBe(false)
})
