/** Branches and commits that the bot writes through GraphQL keep GitHub's rules. */
import { beforeEach, describe, expect, it } from 'vitest'
import { fullName } from '../../state.ts'
import { base64, createMutator } from '../example-mutation.ts'
import { createExampleWorld, type ExampleWorld } from '../example-world.ts'

let world: ExampleWorld
beforeEach(() => {
  world = createExampleWorld()
})

const { mutate, done, refId } = createMutator(() => world)

describe('refs and commits', () => {
  const head = () => world.repository.refs.get('refs/heads/main')
  const commit = (input: Record<string, unknown> = {}) => ({
    branch: { repositoryNameWithOwner: fullName(world.repository), branchName: 'main' },
    expectedHeadOid: world.first,
    message: { headline: 'Deploy', body: 'because' },
    fileChanges: {
      additions: [{ path: 'conf/prod.yml', contents: base64('image: c\n') }],
      deletions: [{ path: 'weights.bin' }],
    },
    ...input,
  })

  it('commits on a branch, signed, with the branch tip as parent', async () => {
    const fields =
      'commit { oid message parents(first: 1) { nodes { oid } } signature { isValid } file(path: "conf/prod.yml") { mode object { ... on Blob { text } } } gone: file(path: "weights.bin") { mode } } ref { name }'
    const answer = done(await mutate('createCommitOnBranch', commit(), fields), 'createCommitOnBranch')
    expect(answer).toEqual({
      commit: {
        oid: head(),
        message: 'Deploy\n\nbecause',
        parents: { nodes: [{ oid: world.first }] },
        signature: { isValid: true },
        file: { mode: 0o100644, object: { text: 'image: c\n' } },
        gone: null,
      },
      ref: { name: 'main' },
    })
  })

  it('commits on a branch that is named by its id', async () => {
    done(
      await mutate('createCommitOnBranch', commit({ branch: { id: refId('refs/heads/main') } })),
      'createCommitOnBranch',
    )
    expect(head()).not.toBe(world.first)
  })

  it.each([
    [
      'the branch has moved',
      { expectedHeadOid: 'a'.repeat(40) },
      'STALE_DATA',
      `Expected branch to point to "${'a'.repeat(40)}" but it did not. Pull and try again.`,
    ],
    ['a deleted file is not there', { fileChanges: { deletions: [{ path: 'nope' }] } }, 'UNPROCESSABLE', /nope/],
    [
      'the repository is not there',
      { branch: { repositoryNameWithOwner: 'acme/x', branchName: 'main' } },
      'NOT_FOUND',
      /acme\/x/,
    ],
  ] as const)('refuses a commit when %s, and changes nothing', async (_, change, type, message) => {
    const { data, errors } = await mutate('createCommitOnBranch', commit(change))
    expect(data).toEqual({ createCommitOnBranch: null })
    expect(errors).toMatchObject([{ type, path: ['createCommitOnBranch'], message: expect.stringMatching(message) }])
    expect(head()).toBe(world.first)
  })

  it('creates, moves and deletes refs', async () => {
    const name = 'refs/heads/new'
    const created = { repositoryId: world.repository.nodeId, name, oid: world.first }
    expect(done(await mutate('createRef', created, 'ref { id name prefix }'), 'createRef')).toEqual({
      ref: { id: refId(name), name: 'new', prefix: 'refs/heads/' },
    })
    expect((await mutate('createRef', created)).errors).toMatchObject([
      { type: 'UNPROCESSABLE', message: `A ref named "${name}" already exists in the repository.` },
    ])
    done(await mutate('updateRef', { refId: refId(name), oid: world.second }), 'updateRef')
    expect((await mutate('updateRef', { refId: refId(name), oid: world.first })).errors).toMatchObject([
      { type: 'UNPROCESSABLE', message: 'Update is not a fast forward' },
    ])
    done(await mutate('updateRef', { refId: refId(name), oid: world.first, force: true }), 'updateRef')
    done(await mutate('deleteRef', { refId: refId(name) }), 'deleteRef')
    expect((await mutate('deleteRef', { refId: refId(name) })).errors).toMatchObject([{ type: 'NOT_FOUND' }])
  })

  it('moves several refs at once or none', async () => {
    const repositoryId = world.repository.nodeId
    const zero = '0'.repeat(40)
    const good = { name: 'refs/heads/a', beforeOid: zero, afterOid: world.second }
    const bad = { name: 'refs/heads/main', beforeOid: world.second, afterOid: world.second }
    expect((await mutate('updateRefs', { repositoryId, refUpdates: [good, bad] })).errors).toMatchObject([
      { type: 'UNPROCESSABLE' },
    ])
    expect(world.repository.refs.has('refs/heads/a')).toBe(false)
    done(
      await mutate('updateRefs', { repositoryId, refUpdates: [good, { ...bad, beforeOid: world.first }] }),
      'updateRefs',
    )
    expect([head(), world.repository.refs.get('refs/heads/a')]).toEqual([world.second, world.second])
    done(
      await mutate('updateRefs', {
        repositoryId,
        refUpdates: [{ name: 'refs/heads/a', beforeOid: world.second, afterOid: zero }],
      }),
      'updateRefs',
    )
    expect(world.repository.refs.has('refs/heads/a')).toBe(false)
  })
})
