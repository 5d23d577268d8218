/** Tests that the stand-in's Git is Git: ids, ancestry, diffs and merges are compared with the real program. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Commit,
  commitFiles,
  createObjectStore,
  hashObject,
  type ObjectStore,
  serialiseCommit,
  writeBlob,
  writeCommit,
  writeFiles,
} from './git.ts'
import { diffCommits } from './git-diff.ts'
import { commitsBetween, isAncestor, mergeBase } from './git-history.ts'
import { cherryPick, mergeCommits } from './git-merge.ts'

const someone = { name: 'Ada', email: 'ada@example.com', at: 1_790_000_000 }
let directory = ''

const git = (args: readonly string[], input?: string | Buffer): string =>
  execFileSync('git', args, { cwd: directory, input: input ?? '', encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] })

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'stand-in-git-'))
  git(['init', '-q', '--bare', '.'])
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** Writes a commit here and into the real repository, and insists on one id. */
function commit(store: ObjectStore, files: Readonly<Record<string, string>>, parents: readonly string[] = []): string {
  const entries = Object.entries(files).map(
    ([path, text]) => [path, { mode: '100644', oid: writeBlob(store, Buffer.from(text)) }] as const,
  )
  const tree = writeFiles(store, new Map(entries))
  const record: Commit = { tree, parents, author: someone, committer: someone, message: 'Change it\n\nWhy: because' }
  const oid = writeCommit(store, record)
  for (const text of Object.values(files)) git(['hash-object', '-w', '--stdin'], text)
  for (const object of store.values())
    if (object.type === 'tree')
      git(
        ['mktree'],
        object.entries
          .map(({ mode, name, oid: id }) => `${mode} ${mode === '40000' ? 'tree' : 'blob'} ${id}\t${name}\n`)
          .join(''),
      )
  expect(git(['hash-object', '-w', '-t', 'commit', '--stdin'], serialiseCommit(record)).trim()).toBe(oid)
  return oid
}

function realMerge(ours: string, theirs: string): string | 'conflict' {
  try {
    return git(['merge-tree', '--write-tree', ours, theirs]).trim()
  } catch {
    return 'conflict'
  }
}

const ours = (store: ObjectStore, a: string, b: string): string => {
  const result = mergeCommits(store, a, b)
  return result.clean ? result.tree : 'conflict'
}

describe('objects', () => {
  it('gives the ids that git gives to blobs', () => {
    for (const text of ['', 'hello\n', 'größe\r\nx'])
      expect(hashObject('blob', Buffer.from(text))).toBe(git(['hash-object', '--stdin'], text).trim())
  })

  it('gives the ids that git gives to nested trees, in its order, and to commits', () => {
    const store = createObjectStore()
    const oid = commit(store, { 'a.b': '1', 'a/b': '2', 'a/c/d.yaml': '3', a0: '4', 'README.md': '5' })
    expect(git(['ls-tree', '-r', '--name-only', oid]).trim().split('\n').sort()).toEqual(
      [...commitFiles(store, oid).keys()].sort(),
    )
    expect(git(['fsck', '--strict']).trim()).not.toContain('error')
  })

  it('writes a signed commit that git can read', () => {
    const store = createObjectStore()
    const tree = writeFiles(store, new Map())
    git(['mktree'], '')
    const signed: Commit = {
      ...{ tree, parents: [], author: someone, committer: someone, message: 'Signed' },
      gpgsig: '-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n',
    }
    const oid = writeCommit(store, signed)
    expect(git(['hash-object', '-w', '-t', 'commit', '--stdin'], serialiseCommit(signed)).trim()).toBe(oid)
    expect(git(['log', '-1', '--format=%s', oid]).trim()).toBe('Signed')
  })
})

describe('history', () => {
  it('finds what git finds: merge base, ancestors, commits in between', () => {
    const store = createObjectStore()
    const root = commit(store, { f: '0' })
    const main = commit(store, { f: '0', g: '1' }, [root])
    const side = commit(store, { f: '2' }, [root])
    const merged = commit(store, { f: '2', g: '1' }, [main, side])
    const later = commit(store, { f: '3' }, [side])
    expect(mergeBase(store, merged, later)).toBe(git(['merge-base', merged, later]).trim())
    expect(isAncestor(store, side, merged)).toBe(true)
    expect(isAncestor(store, later, merged)).toBe(false)
    expect(commitsBetween(store, later, merged).sort()).toEqual(
      git(['rev-list', `${later}..${merged}`])
        .trim()
        .split('\n')
        .sort(),
    )
  })
})

describe('diffs', () => {
  it('prints the hunks that git prints', () => {
    const store = createObjectStore()
    const lines = Array.from({ length: 40 }, (_, index) => `line ${index}`)
    const before = commit(store, { f: `${lines.join('\n')}\n`, gone: 'x\n', old: 'kept as it is\n' })
    const changed = lines.with(3, 'three').with(30, 'thirty').toSpliced(12, 2).join('\n')
    const after = commit(store, { f: changed, added: 'y\n', renamed: 'kept as it is\n' }, [before])
    const changes = diffCommits(store, before, after)
    expect(changes.map(({ path, status }) => `${status} ${path}`)).toEqual([
      'added added',
      'modified f',
      'removed gone',
      'renamed renamed',
    ])
    const real = git(['diff', '-M', before, after, '--', 'f']).split('\n').slice(4).join('\n').trimEnd()
    const bare = (patch: string) => patch.replaceAll(/^(@@ .*? @@).*$/gm, '$1')
    expect(bare(changes.find(({ path }) => path === 'f')?.patch ?? '')).toBe(bare(real))
  })
})

describe('merges', () => {
  const base = { 'a.yaml': 'one\ntwo\nthree\nfour\nfive\n', b: 'b\n' }
  const cases: [string, Record<string, string>, Record<string, string>][] = [
    [
      'edits of different lines',
      { ...base, 'a.yaml': 'ONE\ntwo\nthree\nfour\nfive\n' },
      { ...base, 'a.yaml': 'one\ntwo\nthree\nfour\nFIVE\n' },
    ],
    [
      'edits of neighbouring lines',
      { ...base, 'a.yaml': 'ONE\ntwo\nthree\nfour\nfive\n' },
      { ...base, 'a.yaml': 'one\nTWO\nthree\nfour\nfive\n' },
    ],
    ['different edits of one line', { ...base, b: 'x\n' }, { ...base, b: 'y\n' }],
    ['the same edit twice', { ...base, b: 'x\n' }, { ...base, b: 'x\n' }],
    ['a file added on each side', { ...base, c: '1\n' }, { ...base, d: '2\n' }],
    ['one path added with two contents', { ...base, c: '1\n' }, { ...base, c: '2\n' }],
    ['an edit against a removal', { ...base, b: 'x\n' }, { 'a.yaml': base['a.yaml'] }],
    ['a removal alone', { 'a.yaml': base['a.yaml'] }, base],
    ['a missing newline at the end', { ...base, b: 'b' }, { ...base, 'a.yaml': 'zero\none\ntwo\nthree\nfour\nfive\n' }],
  ]
  it.each(cases)('merges %s as git does', (_, left, right) => {
    const store = createObjectStore()
    const root = commit(store, base)
    const [a, b] = [commit(store, left, [root]), commit(store, right, [root])]
    expect(ours(store, a, b)).toBe(realMerge(a, b))
  })

  it('merges any edits of distinct lines as git does', () => {
    const edit = fc.record({ at: fc.nat(11), kind: fc.constantFrom('replace', 'insert', 'delete') })
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 3 }), fc.array(edit, { maxLength: 3 }), (left, right) => {
        const store = createObjectStore()
        const lines = Array.from({ length: 12 }, (_, index) => `line ${index}\n`)
        const apply = (edits: typeof left, side: string) =>
          edits.reduce(
            (text, { at, kind }, index) =>
              kind === 'delete'
                ? text.toSpliced(at, 1)
                : text.toSpliced(at, kind === 'insert' ? 0 : 1, `${side} ${index}\n`),
            lines,
          )
        const root = commit(store, { f: lines.join('') })
        const [a, b] = [
          commit(store, { f: apply(left, 'left').join('') }, [root]),
          commit(store, { f: apply(right, 'right').join('') }, [root]),
        ]
        expect(ours(store, a, b)).toBe(realMerge(a, b))
      }),
      { numRuns: 60 },
    )
  })

  it('puts one commit onto another without what came before it', () => {
    const store = createObjectStore()
    const root = commit(store, { f: '1\n' })
    const first = commit(store, { f: '1\n', g: '2\n' }, [root])
    const second = commit(store, { f: '1\n', g: '2\n', h: '3\n' }, [first])
    const result = cherryPick(store, second, root)
    expect(result.clean && [...commitFiles(store, commit(store, { f: '1\n', h: '3\n' }, [root])).keys()]).toEqual([
      'f',
      'h',
    ])
    expect(result.clean && result.tree).toBe(
      writeFiles(store, commitFiles(store, commit(store, { f: '1\n', h: '3\n' }, [root]))),
    )
  })
})
