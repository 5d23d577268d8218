/** How much happened within the last minute or hour, and when there is room for more. Part of rate-budget.ts. */

export type Window = {
  /** undefined: there is room for `amount` now. Else when there may be: the time at which enough will be older than the window, or now where it is still under way. */
  roomAt(amount: number, at: { readonly share: number; readonly now: number }): number | undefined
  /** It is under way: GitHub may count it at any time until it is closed. */
  open(amount: number): void
  close(amount: number, now: number): void
  /** It happened. */
  add(amount: number, now: number): void
}

/** At most `limit` in any `lengthMs`; a length of 0 counts only what is under way. Nothing waits while there is room, and more than the limit passes alone. */
export function createWindow(lengthMs: number, limit: number): Window {
  let happened: { readonly at: number; readonly amount: number }[] = []
  let isUnderWay = 0
  const forget = (now: number) => {
    const first = happened.findIndex(({ at }) => at + lengthMs > now)
    if (first !== 0) happened = first < 0 ? [] : happened.slice(first)
  }
  const add = (amount: number, now: number) => {
    forget(now)
    if (amount > 0 && lengthMs > 0) happened.push({ at: now, amount })
  }
  return {
    roomAt: (amount, { share, now }) => {
      forget(now)
      const most = Math.max(1, Math.floor(limit * share))
      let rest = happened.reduce((sum, each) => sum + each.amount, isUnderWay) + Math.min(amount, most)
      if (rest <= most) return undefined
      for (const { at, amount: older } of happened) {
        rest -= older
        if (rest <= most) return at + lengthMs
      }
      return now
    },
    open: (amount) => {
      isUnderWay += amount
    },
    close: (amount, now) => {
      isUnderWay -= amount
      add(amount, now)
    },
    add,
  }
}
