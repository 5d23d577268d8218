/** Each way in which a REST request, an answer or a webhook can leave GitHub's description is caught. */
import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { createContract } from './index.ts'

const { request, response, webhook, operation } = createContract()
// The package is one JSON file, whose types promise a default export that Node does not give.
const examples = createRequire(import.meta.url)('@octokit/webhooks-examples') as { name: string; examples: unknown[] }[]
const repo = '/repos/acme/models'
const check = { name: 'Lockkeeper', head_sha: 'a'.repeat(40), status: 'in_progress' }

describe('a request that GitHub documents', () => {
  it.each([
    ['a comment', 'POST', `${repo}/issues/7/comments`, { body: 'hello' }],
    ['a check run', 'POST', `${repo}/check-runs`, { ...check, output: { title: 'a', summary: 'b' } }],
    ['a merge without a body', 'PUT', `${repo}/pulls/7/merge`, undefined],
    ['a merge with an expected head', 'PUT', `${repo}/pulls/7/merge`, { sha: 'a'.repeat(40), merge_method: 'squash' }],
    [
      'a dispatch with a free payload',
      'POST',
      `${repo}/dispatches`,
      { event_type: 'x', client_payload: { any: { key: 1 } } },
    ],
    [
      'a deployment with a payload of its own',
      'POST',
      `${repo}/deployments`,
      { ref: 'main', auto_merge: false, payload: { a: 1 } },
    ],
    ['a path with encoded slashes', 'GET', `${repo}/contents/.github%2Flockkeeper.yml`, undefined],
    ['a path with slashes', 'GET', `${repo}/contents/a/b/c.yml`, undefined],
    ['the prefix of an Enterprise Server', 'GET', `/api/v3${repo}`, undefined],
    [
      'an App token for some repositories',
      'POST',
      '/app/installations/1/access_tokens',
      { repositories: ['models'], permissions: { contents: 'read' } },
    ],
  ])('passes: %s', (_, method, path, body) => {
    expect(request({ method, path, body })).toEqual([])
  })

  it('passes with query parameters as text', () => {
    expect(
      request({ method: 'GET', path: `${repo}/pulls`, query: new URLSearchParams('state=open&per_page=100') }),
    ).toEqual([])
  })

  it('is named by its operation id', () => {
    expect(operation('POST', `${repo}/issues/7/comments`)).toBe('issues/create-comment')
    expect(operation('GET', `${repo}/contents/a/b`)).toBe('repos/get-content')
    expect(operation('GET', `${repo}/contents/`)).toBe('repos/get-content')
    expect(operation('GET', `${repo}/contents`)).toBe('repos/get-content')
    expect(operation('GET', `${repo}/pulls/7/merge`)).toBe('pulls/check-if-merged')
    expect(operation('GET', `${repo}/nothing`)).toBeUndefined()
  })
})

describe('a request that GitHub does not document', () => {
  it.each([
    ['an unknown operation', 'POST', `${repo}/pulls/7/approve`, {}, /no such operation/],
    ['a missing key', 'POST', `${repo}/issues/7/comments`, {}, /body .*required property 'body'/],
    ['a missing body', 'POST', `${repo}/issues/7/comments`, undefined, /missing request body/],
    ['a wrong type', 'POST', `${repo}/issues/7/comments`, { body: 7 }, /body \/body must be string/],
    ['a word outside the list', 'PUT', `${repo}/pulls/7/merge`, { merge_method: 'octopus' }, /must be equal to one of/],
    ['an unknown key', 'PUT', `${repo}/pulls/7/merge`, { mergeMethod: 'squash' }, /unknown key \/mergeMethod/],
    [
      'an unknown key of a check run',
      'POST',
      `${repo}/check-runs`,
      { ...check, externalId: 'x' },
      /unknown key \/externalId/,
    ],
    [
      'an unknown key further in',
      'POST',
      `${repo}/check-runs`,
      { ...check, output: { titel: 'x', title: 'a', summary: 'b' } },
      /unknown key \/output\/titel/,
    ],
    [
      'a list that is too long',
      'POST',
      `${repo}/check-runs`,
      { ...check, actions: Array.from({ length: 4 }, () => ({ label: 'a', description: 'b', identifier: 'c' })) },
      /must NOT have more than 3 items/,
    ],
    [
      'a label that is too long',
      'POST',
      `${repo}/check-runs`,
      { ...check, actions: [{ label: 'x'.repeat(21), description: 'b', identifier: 'c' }] },
      /must NOT have more than 20 characters/,
    ],
    [
      'a body where none is documented',
      'DELETE',
      `${repo}/issues/comments/7`,
      { reason: 'x' },
      /body sent, none documented/,
    ],
    [
      'a number that is none',
      'GET',
      `${repo}/pulls/latest`,
      undefined,
      /path parameter pull_number: .*must be integer/,
    ],
  ])('is caught: %s', (_, method, path, body, problem) => {
    expect(request({ method, path, body }).join('\n')).toMatch(problem)
  })

  it('is caught: a query parameter that GitHub would ignore', () => {
    expect(request({ method: 'GET', path: `${repo}/pulls`, query: { stat: 'open' } })).toEqual([
      'unknown query parameter stat',
    ])
  })

  it('is caught: a query parameter outside its list', () => {
    expect(request({ method: 'GET', path: `${repo}/pulls`, query: { state: 'merged' } }).join()).toMatch(
      /must be equal to one of/,
    )
  })
})

describe('an answer of the stand-in', () => {
  const merge = { method: 'PUT', path: `${repo}/pulls/7/merge` }
  const blob = { method: 'GET', path: `${repo}/git/blobs/${'a'.repeat(40)}` }

  it.each([
    ['a merge', { ...merge, status: 200, body: { sha: 'a'.repeat(40), merged: true, message: 'done' } }],
    [
      'a documented error',
      { ...merge, status: 409, body: { message: 'Head branch was modified', documentation_url: 'x' } },
    ],
    [
      'an error that is not documented for the operation',
      { ...merge, status: 401, body: { message: 'Bad credentials', status: '401' } },
    ],
    ['a server error', { ...merge, status: 502, body: { message: 'Server Error' } }],
    ['nothing, where nothing is documented', { method: 'DELETE', path: `${repo}/issues/comments/7`, status: 204 }],
    ['a raw file', { method: 'GET', path: `${repo}/contents/a.yml`, status: 200, body: 'name: a\n' }],
    ['not modified', { method: 'GET', path: repo, status: 304 }],
  ])('passes: %s', (_, answer) => {
    expect(response(answer)).toEqual([])
  })

  it.each([
    ['a missing key', { ...merge, status: 200, body: { sha: 'a'.repeat(40), merged: true } }, /'message'/],
    ['a wrong type', { ...blob, status: 200, body: { content: 7 } }, /\/content must be string/],
    ['a status that GitHub never sends here', { ...merge, status: 201, body: {} }, /status 201 is not documented/],
    [
      'an error without a message',
      { ...merge, status: 401, body: { error: 'no' } },
      /an error has no error.*must have a message/s,
    ],
    [
      'a body where none is documented',
      { method: 'DELETE', path: `${repo}/issues/comments/7`, status: 204, body: { ok: true } },
      /body sent/,
    ],
    ['text where JSON is documented', { ...merge, status: 200, body: 'merged' }, /must be object/],
    ['a 304 with a body', { method: 'GET', path: repo, status: 304, body: {} }, /304 with a body/],
  ])('is caught: %s', (_, answer, problem) => {
    expect(response(answer).join('\n')).toMatch(problem)
  })
})

describe('a webhook of the stand-in', () => {
  it("accepts about as many of GitHub's collected payloads as the whole description does", () => {
    const events = ['check_run', 'check_suite', 'issue_comment', 'deployment_status', 'pull_request']
    const all = examples
      .filter((each) => events.includes(each.name))
      .flatMap((each) => each.examples.map((payload) => ({ event: each.name, payload })))
    const valid = all.filter(({ event, payload }) => webhook(event, payload).length === 0)
    expect(all.length).toBeGreaterThan(50)
    // The rest is old, not wrong: it lacks keys that GitHub added later.
    expect(valid.length / all.length).toBeGreaterThan(0.6)
  })

  it('is caught when it lacks what GitHub always sends', () => {
    expect(webhook('issue_comment', { action: 'created' }).join('\n')).toMatch(/required property 'comment'/)
    expect(webhook('push', {}).join('\n')).toMatch(/required property 'ref'/)
  })

  it('is caught when GitHub has no such event or action', () => {
    expect(webhook('issue_comment', { action: 'liked' })).toEqual(['no such webhook: issue_comment.liked'])
    expect(webhook('tea_time', {})).toEqual(['no such webhook: tea_time'])
  })

  it('may carry any action when it is a repository dispatch', () => {
    expect(webhook('repository_dispatch', { action: 'retrain' }).join()).not.toMatch(/no such webhook/)
  })
})
