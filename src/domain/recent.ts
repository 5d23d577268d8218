/** What was read of late and may be asked for again: the longest unused is forgotten first, by size. For what cannot change, or is asked whether it did. */

export type Recent<T> = {
  get(key: string): T | undefined
  /** `size` in bytes, or about. What is larger than a quarter of the whole is not kept. */
  set(key: string, value: T, size: number): void
}

/** What keeping one entry takes besides its value. */
const ENTRY_BYTES = 200

export function createRecent<T>(maxBytes: number): Recent<T> {
  // A Map keeps the order of insertion: its first key is the one unused for longest.
  const entries = new Map<string, { readonly value: T; readonly size: number }>()
  let bytes = 0
  const forget = (key: string): void => {
    bytes -= entries.get(key)?.size ?? 0
    entries.delete(key)
  }
  return {
    get: (key) => {
      const found = entries.get(key)
      if (found === undefined) return undefined
      entries.delete(key)
      entries.set(key, found)
      return found.value
    },
    set: (key, value, valueSize) => {
      forget(key)
      const size = valueSize + 2 * key.length + ENTRY_BYTES
      if (size > maxBytes / 4) return
      entries.set(key, { value, size })
      bytes += size
      for (const oldest of entries.keys()) {
        if (bytes <= maxBytes) return
        forget(oldest)
      }
    },
  }
}
