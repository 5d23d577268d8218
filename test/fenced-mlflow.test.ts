/** A run that another replica has taken over changes nothing in MLflow. */
import { expect, it } from 'vitest'
import { fenced } from '../src/fenced-mlflow.ts'
import type { Mlflow } from '../src/services/ports.ts'
import { underClaim } from '../src/store/claims.ts'

const WRITES = ['createVersion', 'setAlias'] as const

it.each(WRITES)('%s', async (write) => {
  const written: string[] = []
  const wrote = async () => void written.push(write)
  const mlflow = fenced({ createVersion: wrote, setAlias: wrote } as unknown as Mlflow)
  const run = (isOurs: boolean) =>
    underClaim(
      async () => isOurs,
      () => (mlflow[write] as () => Promise<unknown>)(),
    )
  await run(true)
  await expect(run(false)).rejects.toThrow('taken over by another replica')
  expect(written).toEqual([write])
})
