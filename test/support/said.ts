/** Texts as scenarios quote them: what differs from run to run becomes a placeholder, everything else stays as people read it. */
const PLACEHOLDERS: readonly (readonly [RegExp, string])[] = [
  [/http:\/\/127\.0\.0\.1:\d+(?=\/#)/g, '<mlflow>'],
  [/http:\/\/127\.0\.0\.1:\d+/g, '<github>'],
  [/\b127\.0\.0\.1:\d+/g, '<host>'],
  [/sha256:[0-9a-f]{64}/g, 'sha256:<digest>'],
  [/\brel-[0-9a-f]{16}\b/g, '<release>'],
  [/\bpro-[0-9a-f]{16}\b/g, '<promotion>'],
  [/\b[0-9a-f]{40}\b/g, '<sha>'],
  [/(?<![.\w])[0-9a-f]{7}(?!\w)/g, '<sha>'],
  [/\b[0-9a-f]{32}\b/g, '<run>'],
  [/`[0-9a-f]{8}`/g, '`<run>`'],
  [/(?<=ReplicaSet "[a-z-]+-)[0-9a-f]{10}\b/g, '<hash>'],
  [/\bcomment=\d+/g, 'comment=<id>'],
  [/(?<=^Lockkeeper-Record: ).*$/gm, '<record>'],
]

/** The text with commits, ids, digests and addresses replaced; times, numbers and names are kept. */
export function said(text: string): string {
  return PLACEHOLDERS.reduce((quoted, [pattern, placeholder]) => quoted.replaceAll(pattern, placeholder), text)
}
