/** What is told of a mistake under `accepts:`, at its place. */
import { describe, expect, it } from 'vitest'
import { problemsOf } from './mistakes.ts'

describe('one mistake in what a config repository accepts', () => {
  it.each([
    [
      'from: https://github.com/acme/models.git',
      '3:11 accepts[0].from | `https://github.com/acme/models.git` is not a repository | write `acme/models`',
    ],
    [
      'paths: [".github/**"]',
      '4:13 accepts[0].paths[0] | `.github/` is never written | name the file from the root of the repository, for example `environments/prod/values.yaml`',
    ],
    [
      'paths: ["{{ commit.sha }}/**"]',
      '4:14 accepts[0].paths[0] | `{{ commit.sha }}` is not known here | known here: `model.name`, `environment`',
    ],
    [
      'uris: [bucket]',
      '4:12 accepts[0].uris[0] | not a pattern of addresses | for example `s3://acme-models/{{ model.name }}/**`',
    ],
    [
      'images: ["ghcr.io/acme/*:v1"]',
      '4:14 accepts[0].images[0] | images are compared by their repository, without scheme, tag and digest | write `ghcr.io/acme/*`',
    ],
    [
      'images: ["oci://ghcr.io:443/acme/*@sha256:ab"]',
      '4:14 accepts[0].images[0] | images are compared by their repository, without scheme, tag and digest | write `ghcr.io:443/acme/*`',
    ],
    ['values: [""]', '4:14 accepts[0].values[0] | the text is empty | for example `eu-*`'],
    [
      'values: ["{{ image.tag }}"]',
      '4:15 accepts[0].values[0] | `{{ image.tag }}` is not known here | known here: `model.name`, `environment`',
    ],
    ['values: [3]', '4:14 accepts[0].values[0] | expected a template, found the number `3` | put it in quotes: `"3"`'],
    [
      'require: { dev: { approvals: 1 } }',
      '4:16 accepts[0].require.dev | this entry does not accept the environment `dev` | add it to `environments`, or name one of: `prod`',
    ],
  ])('%s', (yaml, problem) => {
    const lines = yaml.startsWith('from')
      ? [`  - ${yaml}`, '    paths: ["a/**"]']
      : ['  - from: acme/models', `    ${yaml}`]
    if (!lines.some((line) => line.includes('paths'))) lines.push('    paths: ["a/**"]')
    expect(problemsOf(['version: 1', 'accepts:', ...lines, '    environments: [prod]'].join('\n'))).toEqual([problem])
  })
})
