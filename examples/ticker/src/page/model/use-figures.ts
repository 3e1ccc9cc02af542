import { useEvent } from '@typewire/react'
import { useEffect, useState } from 'react'
import type { TickerClient } from '../app.tsx'
import type { Gauge, GaugeReading } from './gauge.ts'

/**
 * How the page keeps up, by the server's figures and its own. `figures`: as it is now, and nothing while there is no
 * connection, since nobody knows then; `told`: what was heard last.
 */
export function useFigures(client: TickerClient, gauge: Gauge, isConnected: boolean) {
  const [told, setTold] = useState<GaugeReading>()
  const [isOld, setOld] = useState(false)
  if (!isConnected && !isOld) setOld(true)
  useEvent(client.on.figures, (figures) => {
    setTold(gauge.read(figures))
    setOld(false)
  })
  // Rates are not taken over a time of which nothing is known.
  useEffect(() => (isConnected ? undefined : gauge.forget()), [gauge, isConnected])
  return { told, figures: isConnected && !isOld ? told : undefined }
}
