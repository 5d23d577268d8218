/** Images in the ways in which charts write them, and the files that do not show one. */
import { describe, expect, test } from 'vitest'
import { editManifest, parsePath } from '../../../src/domain/manifest/index.ts'
import { edited } from './support.ts'

const OLD = `sha256:${'a'.repeat(64)}`
const NEW = `sha256:${'b'.repeat(64)}`
const FULL = `ghcr.io/acme/churn:v2@${NEW}`

const run = (text: string, image: string, path = 'image') => {
  const parsed = parsePath(path)
  if (!parsed.ok) throw new Error(parsed.problem.reason)
  const edit = { kind: 'helm', images: [{ path, segments: parsed.segments, image }] } as const
  return edited(editManifest({ file: 'values.yaml', text, edits: [edit] }))
}

describe('helm', () => {
  test.each([
    [
      'repository and tag',
      'image:\n  repository: r/c # r\n  tag: v1 # t\n',
      'r/d:1.10',
      'image:\n  repository: r/d # r\n  tag: "1.10" # t\n',
    ],
    [
      'a tag that the chart chose',
      'image: {repository: r/c, tag: ""}\n',
      'r/c:v2',
      'image: {repository: r/c, tag: "v2"}\n',
    ],
    [
      'tag and digest',
      `image: {repository: r/c, tag: v1, digest: "${OLD}"}\n`,
      FULL,
      `image: {repository: ghcr.io/acme/churn, tag: v2, digest: "${NEW}"}\n`,
    ],
    [
      'a digest that was empty',
      'image: {repository: r/c, tag: v1, digest: ""}\n',
      `r/c:v2@${NEW}`,
      `image: {repository: r/c, tag: v2, digest: "${NEW}"}\n`,
    ],
    [
      'a digest that stays empty',
      'image: {repository: r/c, tag: v1, digest: ""}\n',
      'r/c:v2',
      'image: {repository: r/c, tag: v2, digest: ""}\n',
    ],
    [
      'only the digest',
      `image: {repository: r/c, tag: v1, digest: ${OLD}}\n`,
      `r/c@${NEW}`,
      `image: {repository: r/c, tag: v1, digest: ${NEW}}\n`,
    ],
    [
      'a digest without tag',
      `image: {repository: r/c, digest: ${OLD}}\n`,
      `r/c:v2@${NEW}`,
      `image: {repository: r/c, digest: ${NEW}}\n`,
    ],
    [
      'a digest without its algorithm',
      `image: {repository: r/c, tag: v1, sha: ""}\n`,
      `r/c:v2@${NEW}`,
      `image: {repository: r/c, tag: v2, sha: "${NEW.slice(7)}"}\n`,
    ],
    [
      'tag and digest in one',
      `image: {repository: r/c, tag: "v1@${OLD}"}\n`,
      `r/c:v2@${NEW}`,
      `image: {repository: r/c, tag: "v2@${NEW}"}\n`,
    ],
    [
      'the digest as tag',
      `image: {repository: r/c, tag: "${OLD}"}\n`,
      `r/c:v2@${NEW}`,
      `image: {repository: r/c, tag: "${NEW}"}\n`,
    ],
    [
      'the registry apart',
      'image: {registry: quay.io, repository: a/c, tag: v1}\n',
      'ghcr.io/acme/churn:v2',
      'image: {registry: ghcr.io, repository: acme/churn, tag: v2}\n',
    ],
    [
      'a registry that was Docker Hub',
      'image: {registry: quay.io, repository: a/c, tag: v1}\n',
      'a/c:v2',
      'image: {registry: docker.io, repository: a/c, tag: v2}\n',
    ],
    [
      'an empty registry',
      'image: {registry: "", repository: a/c, tag: v1}\n',
      'ghcr.io/a/c:v2',
      'image: {registry: "", repository: ghcr.io/a/c, tag: v2}\n',
    ],
    ['the name in `name`', 'image: {name: r/c, tag: v1}\n', 'r/c:v2', 'image: {name: r/c, tag: v2}\n'],
    [
      'a name beside the repository',
      'image: {name: c, repository: r/c, tag: v1}\n',
      'r/c:v2',
      'image: {name: c, repository: r/c, tag: v2}\n',
    ],
    [
      'all in the repository',
      'image: {repository: "r/c:v1", pullPolicy: Always}\n',
      FULL,
      `image: {repository: "${FULL}", pullPolicy: Always}\n`,
    ],
    ['one text', 'image: r/c:v1 # c\n', FULL, `image: ${FULL} # c\n`],
    ['one text with a port', "image: 'localhost:5000/c'\n", 'localhost:5000/c:v2', "image: 'localhost:5000/c:v2'\n"],
  ])('writes %s', (_, before, image, after) => {
    expect(run(before, image)).toBe(after)
  })

  test('writes an image deep in a list', () => {
    const before = 'models:\n- name: a\n- name: churn\n  image: {repository: r/c, tag: v1}\n'
    expect(run(before, 'r/c:v2', 'models[name=churn].image')).toBe(before.replace('v1', 'v2'))
  })

  test.each([
    ['a Kubernetes object', 'apiVersion: v1\nimage: r/c:v1\n', 'r/c:v2', '1:1 target_missing'],
    ['two documents', 'image: r/c:v1\n---\nimage: r/c:v1\n', 'r/c:v2', '3:1 target_ambiguous'],
    ['an empty file', '# nothing\n', 'r/c:v2', '1:1 target_missing'],
    ['a path that is not there', 'images: x\n', 'r/c:v2', '1:1 target_missing'],
    ['a template', 'image: {repository: r/c, tag: "{{ .Values.tag }}"}\n', 'r/c:v2', '1:31 template'],
    ['a Helm template', 'image: {{ .Values.image }}\n', 'r/c:v2', '1:8 template'],
    ['a digest without a place', 'image: {repository: r/c, tag: v1}\n', FULL, '1:8 target_ambiguous'],
    [
      'a pinned image without digest',
      `image: {repository: r/c, tag: v1, digest: ${OLD}}\n`,
      'r/c:v2',
      '1:8 would_not_apply',
    ],
    ['a tag that pins without digest', `image: {repository: r/c, tag: "v1@${OLD}"}\n`, 'r/c:v2', '1:8 would_not_apply'],
    ['no repository', 'image: {tag: v1}\n', 'r/c:v2', '1:8 target_ambiguous'],
    ['neither tag nor digest', 'image: {repository: r/c}\n', 'r/c:v2', '1:8 target_ambiguous'],
    ['two names', 'image: {name: r/c, image: r/c, tag: v1}\n', 'r/c:v2', '1:8 target_ambiguous'],
    ['two digests', 'image: {repository: r/c, digest: "", sha: ""}\n', FULL, '1:8 target_ambiguous'],
    ['two tags', 'image: {repository: "r/c:v1", tag: v1}\n', 'r/c:v2', '1:8 target_ambiguous'],
    ['a text beside its tag', 'image: r/c\nimageTag: v1\n', 'r/c:v2', '1:8 target_ambiguous'],
    [
      'a registry for all images',
      'global: {imageRegistry: q}\nimage: {repository: r/c, tag: v1}\n',
      'r/c:v2',
      '2:8 would_not_apply',
    ],
    [
      'an image of Flux',
      'image:\n  repository: r/c\n  tag: v1 # {"$imagepolicy": "f:c:tag"}\n',
      'r/d:v1',
      '3:8 flux_marker',
    ],
    ['an anchor that is used', 'image: &i {repository: r/c, tag: v1}\nother: *i\n', 'r/c:v2', '1:34 alias'],
    ['a list', 'image: [r/c]\n', 'r/c:v2', '1:8 not_a_scalar'],
  ])('refuses %s', (_, before, image, expected) => {
    expect(run(before, image)).toBe(`refused ${expected}`)
  })

  test.each(['image.tag', 'image.repository', 'image.registry'])('refuses %s, a part of an image', (path) => {
    expect(run('image: {registry: q, repository: r/c, tag: v1}\n', 'r/c:v2', path)).toMatch(/target_ambiguous$/)
  })
})
