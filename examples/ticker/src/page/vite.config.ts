import { defaultClientConditions, defineConfig } from 'vite'
import { compression } from 'vite-plugin-compression2'

export default defineConfig(({ command }) => ({
  // Inside this repository the siblings' sources are taken, so that the page needs no build of theirs.
  resolve: { conditions: ['@typewire/source', ...defaultClientConditions] },
  // Beside each file the same compressed: the server sends that to who takes it.
  plugins: [compression({ algorithms: ['gzip'] })],
  // What is built is for production, whatever NODE_ENV builds it: React's other half is for development.
  oxc: { jsx: { development: command !== 'build' } },
  define: command === 'build' ? { 'process.env.NODE_ENV': '"production"' } : {},
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
}))
