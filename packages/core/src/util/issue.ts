/** One thing that a schema found wrong, and where. */
export interface Issue {
  readonly message: string
  /** From the outside in: `['items', 0, 'text']`. Empty for the value as a whole. */
  readonly path: readonly (string | number)[]
}
