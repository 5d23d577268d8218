/** On whose account requests are made: set around a job (src/main.ts), read where one is sent (call.ts). What runs outside any job is somebody's own doing, and urgent. */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Work } from '../../domain/work-priority.ts'

const current = new AsyncLocalStorage<Work>()

/** Everything that `run` asks of GitHub is this work's. */
export const onBehalfOf = <T>(work: Work, run: () => Promise<T>): Promise<T> => current.run(work, run)

/** The work that is being done here. */
export const currentWork = (): Work => current.getStore() ?? { priority: 'command', repository: undefined }
