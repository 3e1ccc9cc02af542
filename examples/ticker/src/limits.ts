/**
 * What both sides hold to. Apart from the contract, since the page imports these values, and with a value of contract.ts the
 * schema library would come into its bundle.
 */
export const limits = {
  /** Prices per second. At most: so many that no symbol changes twice in one tick of the market. */
  minRate: 100,
  maxRate: 4_000,
  defaultRate: 1_000,
  /** How much of the past there is to be seen, in seconds. */
  historySeconds: 60,
} as const
