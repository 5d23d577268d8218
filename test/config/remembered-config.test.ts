/** A text is read once while it is in use, and nobody gets what another text said. */
import { expect, test, vi } from 'vitest'
import { createConfigReader } from '../../src/config/remembered-config.ts'
import { parseRepoConfig } from '../../src/config/repo-config.ts'

const options = { file: '.github/lockkeeper.yml' }
const textOf = (index: number): string =>
  `version: 1\naccepts:\n  - { from: acme/models-${index}, environments: [prod], paths: ["prod/**"] }\n`

test('the same text is read once, and gives what reading it gives', () => {
  const parse = vi.fn(parseRepoConfig)
  const reader = createConfigReader(parse)
  const first = reader(textOf(1), options)
  expect(reader(textOf(1), options)).toBe(first)
  expect(parse).toHaveBeenCalledTimes(1)
  expect(first).toMatchObject({ ok: true, settings: { accepts: [{ from: 'acme/models-1' }] } })
})

test('another text, or another name of the file, is read for itself', () => {
  const reader = createConfigReader()
  expect(reader(textOf(1), options)).not.toEqual(reader(textOf(2), options))
  const [here, there] = ['a.yml', 'b.yml'].map((file) => reader('version: 2\n', { file }))
  expect([here, there]).toMatchObject([
    { ok: false, problems: [{}] },
    { ok: false, problems: [{}] },
  ])
  expect(here).not.toBe(there)
})

test('what was asked for lately is kept, however many others come; what was not is read again', () => {
  const parse = vi.fn(parseRepoConfig)
  const reader = createConfigReader(parse)
  const ofTwentyKilobytes = (index: number) => `${textOf(index)}# ${'x'.repeat(20_000)}\n`
  for (let index = 0; index < 100; index += 1) {
    reader(textOf(-1), options)
    reader(ofTwentyKilobytes(index), options)
  }
  expect(parse).toHaveBeenCalledTimes(101)
  reader(ofTwentyKilobytes(0), options)
  expect(parse).toHaveBeenCalledTimes(102)
})

test('a text that is very long is not kept', () => {
  const parse = vi.fn(parseRepoConfig)
  const reader = createConfigReader(parse)
  const long = `${textOf(1)}# ${'x'.repeat(400_000)}\n`
  for (let time = 0; time < 2; time += 1) expect(reader(long, options)).toMatchObject({ ok: true })
  expect(parse).toHaveBeenCalledTimes(2)
})
