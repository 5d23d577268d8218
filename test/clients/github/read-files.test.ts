/** Files of repositories: their bytes as Git has them, and how few requests read many of them. */
import { createHash } from 'node:crypto'
import nock from 'nock'
import { describe, expect, it } from 'vitest'
import { gitBlobId } from '../../../src/domain/git-blob.ts'
import { interceptCalls } from '../intercepted-calls.ts'
import { answerGraphql, connect, entry, file, HOST, MODELS, sha } from './nock-github.ts'

interceptCalls()

describe('a file', () => {
  const commit = (files: Readonly<Record<string, unknown>>) => ({
    data: { repository: { c0: { oid: sha('a'), ...files } } },
  })
  const blob = (bytes: Buffer) => {
    const oid = gitBlobId(bytes, 40)
    nock(HOST)
      .get(`/repos/acme/models/git/blobs/${oid}`)
      .reply(200, { sha: oid, encoding: 'base64', content: bytes.toString('base64') })
    return oid
  }

  it('has the id that git gives it, in both kinds of repository', () => {
    expect(gitBlobId(Buffer.from('hello\n'), 40)).toBe('ce013625030ba8dba906f756967f9e9ca394464a')
    expect(gitBlobId(Buffer.from('hello\n'), 64)).toBe(createHash('sha256').update('blob 6\0hello\n').digest('hex'))
  })

  it('that is absent, a folder or a submodule is missing from the map', async () => {
    const folder = { mode: 16384, type: 'tree', object: {} }
    const submodule = { mode: 57344, type: 'commit', object: null }
    answerGraphql(commit({ f0: file('a: 1\n'), f1: null, f2: folder, f3: submodule }))
    const files = await connect().github.readFiles(MODELS, 'main', ['a', 'b', 'c', 'd'])
    expect([...files.keys()]).toEqual(['a'])
  })

  it('keeps its mode, so that links and programs can be refused', async () => {
    answerGraphql(commit({ f0: file('x', { mode: 40960 }), f1: file('y', { mode: 33261 }) }))
    const files = await connect().github.readFiles(MODELS, 'main', ['a', 'b'])
    expect([files.get('a')?.mode, files.get('b')?.mode]).toEqual(['120000', '100755'])
  })

  it.each([
    ['GraphQL decoded it with losses', Buffer.from('\uFEFFa: 1\r\n'), 'a: 1\r\n', {}],
    ['GraphQL cut it', Buffer.from('a: 1\nb: 2\n'), 'a: 1\n', { isTruncated: true }],
    ['GraphQL took it for binary', Buffer.from('a: \u0000\n'), null, {}],
  ])('is read raw where %s', async (_, bytes, text, more) => {
    answerGraphql(commit({ f0: entry(blob(bytes), text, more) }))
    const files = await connect().github.readFiles(MODELS, 'main', ['a.yml'])
    expect(Buffer.from(files.get('a.yml')?.text ?? '')).toEqual(bytes)
  })

  it('at a commit is asked for once; at a branch, or where GitHub does not know the commit yet, again', async () => {
    const { github } = connect()
    const read = async (ref: string) => (await github.readFiles(MODELS, ref, ['a', 'b'])).get('a')?.text
    answerGraphql({ data: { repository: { c0: null } } })
    expect(await read(sha('a'))).toBeUndefined()
    answerGraphql(commit({ f0: file('n: 1\n'), f1: null }))
    expect([await read(sha('a')), await read(sha('a'))]).toEqual(['n: 1\n', 'n: 1\n'])
    answerGraphql(commit({ f0: file('n: 2\n') }), commit({ f0: file('n: 3\n') }))
    expect([await read('main'), await read('main')]).toEqual(['n: 2\n', 'n: 3\n'])
  })

  it('of several commits is asked for together, and each gets its own; who asked for one that is refused hears of it alone', async () => {
    const [first, second] = [
      { oid: sha('a'), f0: file('n: 1\n') },
      { oid: sha('b'), f1: file('n: 2\n'), f2: entry(sha('e'), 'x', { byteSize: 50_000_000 }) },
    ]
    const asked = answerGraphql({ data: { repository: { c0: first, c1: second } } })
    const { github } = connect()
    const answers = await Promise.allSettled([
      github.readFiles(MODELS, sha('a'), ['m']),
      github.readFiles(MODELS, sha('b'), ['m']),
      github.readFiles(MODELS, sha('b'), ['large']),
    ])
    expect(answers.map((each) => (each.status === 'fulfilled' ? each.value.get('m')?.text : each.reason.code))).toEqual(
      ['n: 1\n', 'n: 2\n', 'manifest_refused'],
    )
    expect(asked).toHaveLength(1)
  })

  it('that GitHub does not read together with so many others is read with fewer', async () => {
    const tooMuch = {
      data: { repository: null },
      errors: [
        { type: 'RESOURCE_LIMITS_EXCEEDED', path: ['repository'], message: 'Resource limits for this query exceeded.' },
      ],
    }
    answerGraphql(
      tooMuch,
      commit({ f0: file('a\n'), f1: file('b\n') }),
      tooMuch,
      commit({ f0: file('c\n') }),
      commit({ f0: file('d\n') }),
    )
    const files = await connect().github.readFiles(MODELS, 'main', ['a', 'b', 'c', 'd'])
    expect([...files].map(([path, { text }]) => `${path}: ${text}`)).toEqual(['a: a\n', 'b: b\n', 'c: c\n', 'd: d\n'])
    answerGraphql(tooMuch)
    await expect(connect().github.readFiles(MODELS, 'main', ['a'])).rejects.toThrow(
      'Resource limits for this query exceeded. at ReadFiles',
    )
  })

  it('that is no UTF-8 text or far too large is refused with its name', async () => {
    answerGraphql(commit({ f0: entry(blob(Buffer.from([0x66, 0xfc, 0x72])), 'f?r') }))
    const { github } = connect()
    await expect(github.readFiles(MODELS, 'main', ['a.yml'])).rejects.toMatchObject({
      code: 'manifest_refused',
      message: 'a.yml in acme/models is not UTF-8 text.',
    })
    answerGraphql(commit({ f0: entry(sha('e'), 'x', { byteSize: 50_000_000 }) }))
    await expect(github.readFiles(MODELS, 'main', ['a.yml'])).rejects.toMatchObject({ code: 'manifest_refused' })
  })
})
