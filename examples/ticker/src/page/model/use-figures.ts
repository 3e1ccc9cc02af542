import { useEvent } from '@typewire/react'
import { useState } from 'react'
import type { TickerClient } from '../app.tsx'
import type { Gauge, GaugeReading } from './gauge.ts'

/** How the page keeps up, by the server's figures and its own. */
export function useFigures(client: TickerClient, gauge: Gauge): GaugeReading | undefined {
  const [reading, setReading] = useState<GaugeReading>()
  useEvent(client.on.figures, (figures) => setReading(gauge.read(figures)))
  return reading
}
