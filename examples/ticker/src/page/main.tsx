import { createClient } from '@typewire/client'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import type { Ticker } from '../contract.ts'
import { App } from './app.tsx'

const client = createClient<Ticker>({ url: location.origin })

createRoot(document.getElementById('ticker')!).render(
  <StrictMode>
    <App client={client} />
  </StrictMode>,
)
