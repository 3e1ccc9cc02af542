/** What a request or a socket failed by, for people. `fetch` hides it in its cause, and a socket that tried two addresses in its code. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { message, cause } = error
  const told = message || codeOf(error) || error.name
  const hidden = cause instanceof Error ? codeOf(cause) || cause.message : ''
  return hidden && !told.includes(hidden) ? `${told}: ${hidden}` : told
}

function codeOf(error: Error): string {
  const { code } = error as { readonly code?: unknown }
  return typeof code === 'string' ? code : ''
}
