import type { Client } from '@typewire/client'
import { useConnection } from '@typewire/react'
import { useEffect, useState } from 'react'
import type { Ticker } from '../contract.ts'
import { useCalm } from './model/use-calm.ts'
import { useFigures } from './model/use-figures.ts'
import { useMarket } from './model/use-market.ts'
import { Chart } from './parts/chart.tsx'
import { ConnectionBanner, ConnectionState } from './parts/connection.tsx'
import { FiguresPanel } from './parts/figures-panel.tsx'
import { Rate } from './parts/rate.tsx'
import { Slowness } from './parts/slowness.tsx'
import { Table } from './parts/table.tsx'

export type TickerClient = Client<Ticker>

/** The page. It is rendered again at each frame in which a price has come, and no oftener. */
export function App({ client }: { readonly client: TickerClient }) {
  const status = useConnection(client)
  const isConnected = status.state === 'open'
  const { rows, tape, gauge } = useMarket(client)
  const { figures, told } = useFigures(client, gauge, isConnected)
  const [chosen, choose] = useState<string>()
  // What moves at 60 frames a second moves twice, for whoever has asked their system for less of that.
  const shown = useCalm(rows)
  useEffect(() => gauge.drew(), [gauge, shown])

  const row = shown.find(({ listing }) => listing.symbol === chosen) ?? shown[0]
  return (
    <div className="page" data-connection={status.state} data-stale={!isConnected && rows.length > 0}>
      <header className="header">
        <h1 className="brand">
          <span className="brand-mark" aria-hidden="true" />
          Typewire ticker
        </h1>
        <ConnectionState status={status} />
        <ConnectionBanner client={client} status={status} hasPrices={rows.length > 0} />
      </header>
      <main className="main">
        <FiguresPanel figures={figures} />
        <Slowness figures={figures} />
        <Rate client={client} told={told} isConnected={isConnected} />
        <Chart row={row} rows={shown} tape={tape} />
        <Table rows={shown} chosen={row?.listing.symbol} onChoose={choose} />
      </main>
    </div>
  )
}
