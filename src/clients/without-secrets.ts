/** Takes secrets out of what a server says, which may repeat what it was sent. Shared by the clients that pass such words on. */

/** The text with `•••` in place of each secret. Before it is cut: the half of a secret is not found. */
export const withoutSecrets = (secrets: readonly string[], text: string): string =>
  secrets.reduce((said, secret) => (secret === '' ? said : said.replaceAll(secret, '•••')), text)
