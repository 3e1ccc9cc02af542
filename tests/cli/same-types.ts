// What tells equal types from those that merely fit.

/** Whether two types are the same, as the compiler sees it: neither wider, and with the same optional and readonly members. */
export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** The names of members that differ, or that only one side has. `never`: all are equal. */
export type Differing<A, B> = {
  [Name in keyof A | keyof B]: Name extends keyof A & keyof B
    ? Equal<A[Name], B[Name]> extends true
      ? never
      : Name
    : Name
}[keyof A | keyof B]

/** Whether each may be given where the other is asked for. */
export type Fits<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false
