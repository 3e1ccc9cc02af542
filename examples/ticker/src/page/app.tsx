import type { Client } from '@typewire/client'
import { useConnection } from '@typewire/react'
import { useEffect, useState } from 'react'
import type { Ticker } from '../contract.ts'
import { useCalm } from './model/use-calm.ts'
import { useFigures } from './model/use-figures.ts'
import { useMarket } from './model/use-market.ts'
import { Chart } from './parts/chart.tsx'
import { Connection } from './parts/connection.tsx'
import { FiguresPanel } from './parts/figures-panel.tsx'
import { Rate } from './parts/rate.tsx'
import { Slowness } from './parts/slowness.tsx'
import { Table } from './parts/table.tsx'

export type TickerClient = Client<Ticker>

/** The page. It is rendered again at each frame in which a price has come, and no oftener. */
export function App({ client }: { readonly client: TickerClient }) {
  const status = useConnection(client)
  const { rows, tape, gauge } = useMarket(client)
  const figures = useFigures(client, gauge)
  const [chosen, choose] = useState<string>()
  // What moves at 60 frames a second moves twice, for whoever has asked their system for less of that.
  const shown = useCalm(rows)
  useEffect(() => gauge.drew(), [gauge, shown])

  const row = shown.find(({ listing }) => listing.symbol === chosen) ?? shown[0]
  return (
    <div className="page" data-connection={status.state}>
      <header className="header">
        <h1 className="brand">
          <span className="brand-mark" aria-hidden="true" />
          Typewire ticker
        </h1>
        <Connection status={status} />
      </header>
      <main className="main">
        <div className="left">
          <FiguresPanel figures={figures} />
          <Slowness figures={figures} />
          <Chart row={row} rows={shown} tape={tape} />
          <Rate client={client} figures={figures} />
        </div>
        <Table rows={shown} chosen={row?.listing.symbol} onChoose={choose} />
      </main>
    </div>
  )
}
