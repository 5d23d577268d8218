/** Mutations of refs and commits. The changes are made by ../../operations/refs.ts and commits.ts. */
import type {
  CreateCommitOnBranchInput,
  CreateRefInput,
  DeleteRefInput,
  RefUpdate,
  UpdateRefInput,
  UpdateRefsInput,
} from '@octokit/graphql-schema'
import { requireWrite } from '../../access.ts'
import { GitHubFailure } from '../../failure.ts'
import { EMPTY_OID } from '../../git.ts'
import { isAncestor } from '../../git-history.ts'
import type { Repository } from '../../model.ts'
import { commitOnBranch } from '../../operations/commits.ts'
import {
  createRef,
  deleteRef,
  requireCommit,
  requireUnprotected,
  updateRef,
  WRITE_CONTENTS,
} from '../../operations/refs.ts'
import { branchRef } from '../../pull-request-facts.ts'
import { findRepository } from '../../state.ts'
import { requireNode } from '../nodes.ts'
import type { Fields, ViewContext } from '../view.ts'
import { payload } from './payload.ts'

export function refMutations(context: ViewContext): Fields {
  const presentRef = (repository: Repository, name: string) => () => context.present({ kind: 'Ref', repository, name })
  return {
    createRef: ({ input }: { input: CreateRefInput }) => {
      const { repositoryId, name, oid } = input
      const repository = requireNode(context, repositoryId, ['Repository'])
      requireWrite(context, repository, WRITE_CONTENTS)
      if (repository.refs.has(name)) throw alreadyExists(name)
      createRef(context, repository, { ref: name, sha: oid })
      return payload(input, { ref: presentRef(repository, name) })
    },
    updateRef: ({ input }: { input: UpdateRefInput }) => {
      const { repository, name } = requireNode(context, input.refId, ['Ref'])
      updateRef(context, repository, { ref: name, sha: input.oid, force: input.force === true })
      return payload(input, { ref: presentRef(repository, name) })
    },
    updateRefs: ({ input }: { input: UpdateRefsInput }) => {
      const repository = requireNode(context, input.repositoryId, ['Repository'])
      updateAll(context, repository, input.refUpdates)
      return payload(input)
    },
    deleteRef: ({ input }: { input: DeleteRefInput }) => {
      const { repository, name } = requireNode(context, input.refId, ['Ref'])
      deleteRef(context, repository, name)
      return payload(input)
    },
    createCommitOnBranch: ({ input }: { input: CreateCommitOnBranchInput }) => createCommitOnBranch(context, input),
  }
}

const alreadyExists = (name: string): GitHubFailure =>
  new GitHubFailure(422, `A ref named "${name}" already exists in the repository.`)

/** All or nothing: everything is checked before the first ref moves. A zero oid means that the ref is not there. */
function updateAll(context: ViewContext, repository: Repository, updates: readonly RefUpdate[]): void {
  requireWrite(context, repository, WRITE_CONTENTS)
  for (const update of updates) requireMovable(repository, update)
  for (const { name, afterOid } of updates) {
    if (afterOid === EMPTY_OID) deleteRef(context, repository, name)
    else if (repository.refs.has(name)) updateRef(context, repository, { ref: name, sha: afterOid, force: true })
    else createRef(context, repository, { ref: name, sha: afterOid })
  }
}

function requireMovable(repository: Repository, { name, beforeOid, afterOid, force }: RefUpdate): void {
  const tip = repository.refs.get(name)
  if (beforeOid != null && beforeOid !== (tip ?? EMPTY_OID))
    throw new GitHubFailure(422, `Expected ${name} to be at ${beforeOid} but it is at ${tip ?? EMPTY_OID}.`)
  if (tip !== undefined) requireUnprotected(repository, name)
  if (afterOid === EMPTY_OID) {
    if (tip === undefined) throw new GitHubFailure(422, 'Reference does not exist')
    return
  }
  requireCommit(repository, afterOid)
  if (tip !== undefined && force !== true && !isAncestor(repository.objects, tip, afterOid))
    throw new GitHubFailure(422, 'Update is not a fast forward')
}

function createCommitOnBranch(context: ViewContext, input: CreateCommitOnBranchInput): Fields {
  const { repository, name } = branchOf(context, input.branch)
  const { headline, body } = input.message
  const additions = input.fileChanges?.additions ?? []
  const deletions = input.fileChanges?.deletions ?? []
  const oid = commitOnBranch(context, repository, {
    branch: name,
    message: body == null || body === '' ? headline : `${headline}\n\n${body}`,
    expectedHead: input.expectedHeadOid,
    files: Object.fromEntries([
      ...deletions.map(({ path }) => [path, null] as const),
      ...additions.map(({ path, contents }) => [path, Buffer.from(contents, 'base64')] as const),
    ]),
  })
  return payload(input, {
    commit: () => context.present({ kind: 'Commit', repository, oid }),
    ref: () => context.present({ kind: 'Ref', repository, name: branchRef(name) }),
  })
}

/** A branch is named by its node id, or by repository and short name. */
function branchOf(
  context: ViewContext,
  { id, repositoryNameWithOwner, branchName }: CreateCommitOnBranchInput['branch'],
): { readonly repository: Repository; readonly name: string } {
  if (id != null) {
    const ref = requireNode(context, id, ['Ref'])
    return { repository: ref.repository, name: ref.name.replace(/^refs\/heads\//, '') }
  }
  const repository = findRepository(context.state, repositoryNameWithOwner ?? '')
  const visible = repository === undefined ? undefined : requireNode(context, repository.nodeId, ['Repository'])
  if (visible === undefined)
    throw new GitHubFailure(404, `Could not resolve to a Repository with the name '${repositoryNameWithOwner ?? ''}'.`)
  return { repository: visible, name: (branchName ?? '').replace(/^refs\/heads\//, '') }
}
