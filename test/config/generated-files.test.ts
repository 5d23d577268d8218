/** What is written from the schemas is what is checked in, and an editor that uses it agrees with the parser. */
import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { load } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import { generatedConfigFiles } from '../../src/config/generated-files.ts'
import { INACTIVE_KEYS } from '../../src/config/inactive-keys.ts'

describe('files written from the schemas', () => {
  it.each([...generatedConfigFiles()])('%s is as the schemas say (else: npm run docs)', (path, text) => {
    expect(readFileSync(path, 'utf8')).toBe(text)
  })

  it.each([
    ['docs/lockkeeper.schema.json', 'examples/reference/model-repo/.github/lockkeeper.yml'],
    ['docs/lockkeeper.schema.json', 'examples/reference/config-repo/.github/lockkeeper.yml'],
    ['docs/policy.schema.json', 'examples/reference/server/policy.yml'],
    ['docs/lockkeeper.schema.json', 'examples/comparison/.github/lockkeeper.yml'],
    ['docs/policy.schema.json', 'examples/comparison/policy.yml'],
  ])('an editor with %s finds nothing wrong in %s', (schema, file) => {
    const check = new Ajv2020({ strict: true, strictTypes: false, allowUnionTypes: true }).compile(
      JSON.parse(readFileSync(schema, 'utf8')),
    )
    check(load(readFileSync(file, 'utf8')))
    expect(check.errors).toBe(null)
  })

  it('an editor marks unknown keys and wrong types too', () => {
    const check = new Ajv2020({ strict: false }).compile(
      JSON.parse(readFileSync('docs/lockkeeper.schema.json', 'utf8')),
    )
    expect(check({ version: 1, modles: {} })).toBe(false)
    expect(check({ version: 1, models: { Churn: {} } })).toBe(false)
    expect(check({ version: 1, models: { churn: { paths: 'x' } } })).toBe(false)
  })

  it('the page marks every inactive key', () => {
    const page = readFileSync('docs/config.md', 'utf8')
    expect(page.match(/💤 ?(?:`|not acted)/g)?.length).toBe(INACTIVE_KEYS.length)
  })
})
