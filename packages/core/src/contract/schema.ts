/**
 * Anything that speaks Standard Schema (https://standardschema.dev): zod, valibot, arktype, …
 * `Given` and `Got` read its types; `validate` in `contract/validate.ts` runs it.
 */
export interface Schema<In = unknown, Out = unknown> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => unknown
    readonly types?: { readonly input: In; readonly output: Out } | undefined
  }
}

/** What one gives to a schema. */
export type Given<S extends Schema> = NonNullable<S['~standard']['types']>['input']

/** What one gets from a schema. */
export type Got<S extends Schema> = NonNullable<S['~standard']['types']>['output']

/** No schema: nothing travels. */
export interface Nothing extends Schema<void, void> {}
