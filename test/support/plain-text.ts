/** How snapshots of stories show a text: as it stands, without quotation marks around it. Loaded before each of them (vitest.config.ts). */
import { expect } from 'vitest'

expect.addSnapshotSerializer({ test: (value) => typeof value === 'string', serialize: (value: string) => value })
