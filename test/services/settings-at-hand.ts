/** What the dependencies of a command need so that it stands on a model pull request whose repository has the settings of the reference. */
import { parsedSettings } from '../domain/reference-settings.ts'

export const parseConfig = () => ({ ok: true, settings: parsedSettings })

/** Its part of the ledger. */
export const settingsAtHand = {
  promotionOfPullRequest: async () => undefined,
  knownFile: async () => ({ oid: '1', text: '' }),
  saveKnownFile: async () => {},
}
