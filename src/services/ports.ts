/** The interfaces that services need from the outside. src/clients/ and src/store/ implement them; src/main.ts puts them together. */
export type * from './ports/artefacts.ts'
export type * from './ports/comparisons.ts'
export type * from './ports/github.ts'
export type * from './ports/github-artifacts.ts'
export type * from './ports/github-reads.ts'
export type * from './ports/github-writes.ts'
export type * from './ports/rollout.ts'
export type * from './ports/system.ts'
