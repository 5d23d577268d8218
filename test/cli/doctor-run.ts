/** Runs `lockkeeper doctor` in the sandbox's world. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { vi } from 'vitest'
import type { KubernetesSandbox } from '../../sandbox/systems/kubernetes.ts'
import type { World } from '../../sandbox/world/index.ts'
import { doctor } from '../../src/cli/doctor.ts'

export type DoctorRun = { readonly code: number; readonly stdout: string; readonly stderr: string }

export type DoctorOptions = {
  /** Replaces the world's policy. */
  readonly policy?: string
  /** undefined takes a setting away. */
  readonly settings?: Record<string, string | undefined>
  readonly isTty?: boolean
}

/** Leaves two kinds of workload, so that a text does not become longer with each that is added. */
export function withTwoWorkloads({ faults }: Pick<KubernetesSandbox, 'faults'>): void {
  for (const plural of ['statefulsets', 'rollouts', 'revisions', 'llminferenceservices']) faults.missing.add(plural)
}

/** The table with columns as narrow as can be, and without the count: another system changes neither. */
export function tableOf({ stdout }: DoctorRun): string {
  return stdout
    .replace(/\n\d+ well, .*\n$/, '')
    .replace(/^ +→/gm, '  →')
    .replace(/(\S) {2,}(?=\S)/g, '$1  ')
}

/** With the world's settings; `vi.unstubAllEnvs` afterwards. */
export async function runDoctor(
  world: World,
  args: readonly string[] = [],
  { policy, settings = {}, isTty = false }: DoctorOptions = {},
): Promise<DoctorRun> {
  for (const [name, value] of Object.entries({ ...world.variables, ...settings })) vi.stubEnv(name, value)
  const file = join(tmpdir(), `lockkeeper-doctor-${process.pid}.yml`)
  if (policy !== undefined) {
    writeFileSync(file, policy)
    vi.stubEnv('LOCKKEEPER_POLICY', file)
  }
  const said = { stdout: '', stderr: '' }
  const code = await doctor.run(args, {
    stdout: (text) => {
      said.stdout += text
    },
    stderr: (text) => {
      said.stderr += text
    },
    isTty,
    readFile: async (path) => readFileSync(path, 'utf8'),
  })
  rmSync(file, { force: true })
  return { code, ...said }
}
