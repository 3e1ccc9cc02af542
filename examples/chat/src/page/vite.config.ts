import react from '@vitejs/plugin-react'
import { defaultClientConditions, defineConfig } from 'vite'
import { compression } from 'vite-plugin-compression2'

export default defineConfig({
  // Beside each file the same compressed: the server sends that to who takes it.
  plugins: [react(), compression({ algorithms: ['gzip'] })],
  // Inside this repository the siblings' sources are taken, so that the page needs no build of theirs.
  resolve: { conditions: ['@typewire/source', ...defaultClientConditions] },
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    // The server's Content-Security-Policy allows no data: in scripts and styles: everything is a file.
    assetsInlineLimit: 0,
  },
  server: {
    // `npm run dev` beside a running server. The Host header is kept, so for the server the page is of its own origin.
    proxy: { '/typewire': { target: `http://localhost:${process.env['PORT'] || 3_000}`, ws: true } },
  },
})
