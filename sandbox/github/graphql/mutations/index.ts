/** The root fields of mutations: one file per group. */
import type { Fields, ViewContext } from '../view.ts'

export const mutationFields = (_: ViewContext): Fields => ({})
