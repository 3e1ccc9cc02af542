import type { ClientStatus } from '@typewire/client'

const words: Record<ClientStatus['state'], string> = {
  idle: 'Connecting',
  connecting: 'Connecting',
  open: 'Connected',
  waiting: 'Not connected',
  closed: 'Closed',
}

/** What the connection does, in a word. */
export function Connection({ status }: { readonly status: ClientStatus }) {
  return (
    <p className="status" role="status">
      {words[status.state]}
    </p>
  )
}
