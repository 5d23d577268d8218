/** What all tests of clients over nock begin and end with. Answers of GitHub are in github/nock-github.ts. */
import nock from 'nock'
import { afterEach, beforeEach, expect } from 'vitest'

/** Registers the suite's hooks: no call leaves the machine unless a test allows it, and each answer that a test prepares is asked for. */
export function interceptCalls(): void {
  beforeEach(() => nock.disableNetConnect())
  afterEach(() => {
    const pending = nock.pendingMocks()
    // First: what one test has left over is not the next one's failure.
    nock.cleanAll()
    nock.enableNetConnect()
    expect(pending).toEqual([])
  })
}
