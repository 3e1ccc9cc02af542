import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, promises } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const { mkdtemp, rm, writeFile } = promises

/** A reverse proxy that runs as a child process before a server of this machine. */
export interface ReverseProxy extends AsyncDisposable {
  readonly port: number
}

/** A way to start one. */
export interface ProxyKind {
  readonly name: string
  /** The Debian package that has it. */
  readonly package: string
  readonly binary: string
  readonly config: (options: { readonly port: number; readonly targetPort: number; readonly dir: string }) => string
  readonly args: (configFile: string, dir: string) => readonly string[]
}

const nginx = (name: string, location: string): ProxyKind => ({
  name,
  package: 'nginx-light',
  binary: '/usr/sbin/nginx',
  args: (configFile, dir) => ['-p', dir, '-c', configFile, '-e', 'stderr'],
  config: ({ port, targetPort, dir }) => `
daemon off;
master_process off;
pid ${dir}/nginx.pid;
events { worker_connections 512; }
http {
  access_log off;
  client_body_temp_path ${dir}/body;
  proxy_temp_path ${dir}/proxy;
  fastcgi_temp_path ${dir}/fastcgi;
  uwsgi_temp_path ${dir}/uwsgi;
  scgi_temp_path ${dir}/scgi;
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://127.0.0.1:${targetPort};
      proxy_set_header Host $http_host;
      ${location}
    }
  }
}
`,
})

export const proxyKinds = {
  /** nginx as its manual has it for WebSocket: it buffers, and does not where a response asks it not to. */
  nginx: nginx(
    'nginx',
    `proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;`,
  ),
  /**
   * nginx that passes a response on when a buffer is full of it. That is what it does by itself with HTTP/1.0, which is
   * its default towards a server, where it does not heed the wish to be spared; and it takes no upgrades.
   */
  bufferingNginx: nginx('nginx that buffers', 'proxy_ignore_headers X-Accel-Buffering;'),
  haproxy: {
    name: 'HAProxy',
    package: 'haproxy',
    binary: '/usr/sbin/haproxy',
    args: (configFile) => ['-db', '-f', configFile],
    config: ({ port, targetPort }) => `
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  timeout tunnel 1h
frontend front
  bind 127.0.0.1:${port}
  default_backend back
backend back
  server one 127.0.0.1:${targetPort}
`,
  },
} as const satisfies Record<string, ProxyKind>

/**
 * Whether this machine has it. Where it has not, says so in one line.
 * @throws Error in CI: there it must be installed.
 */
export function hasProxy(kind: ProxyKind): boolean {
  if (existsSync(kind.binary)) return true
  const remedy = `install Debian's ${kind.package}`
  if (process.env['CI']) throw new Error(`${kind.name} is missing: ${remedy}.`)
  // oxlint-disable-next-line no-console -- a skip that nobody sees is no test
  console.warn(`SKIPPED: the tests through ${kind.name}; ${remedy} to run them.`)
  return false
}

/** How many ports are tried; another process may take one first. */
const maxTries = 5

/** Starts a proxy before a port of this machine. @throws Error with what it said when it does not start. */
export async function startProxy(kind: ProxyKind, targetPort: number): Promise<ReverseProxy> {
  const dir = await mkdtemp(join(tmpdir(), 'typewire-proxy-'))
  const configFile = join(dir, 'proxy.conf')
  for (let tries = 1; ; tries++) {
    const port = await freePort()
    await writeFile(configFile, kind.config({ port, targetPort, dir }))
    const child = spawn(kind.binary, kind.args(configFile, dir), { stdio: ['ignore', 'ignore', 'pipe'] })
    const kill = () => void child.kill('SIGKILL')
    process.once('exit', kill)
    const said = await listening(child, port)
    if (said === undefined) {
      return {
        port,
        async [Symbol.asyncDispose]() {
          process.off('exit', kill)
          await ended(child)
          await rm(dir, { recursive: true })
        },
      }
    }
    process.off('exit', kill)
    await ended(child)
    if (tries === maxTries) throw new Error(`${kind.name} did not start: ${said}`)
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await exit
}

/** Resolves when the port takes connections, or to what the child said when it has ended before. */
function listening(child: ChildProcess, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    let said = ''
    let isOver = false
    const end = (result: string | undefined) => {
      isOver = true
      resolve(result)
    }
    child.stderr?.on('data', (text: Buffer) => (said += text.toString()))
    child.once('error', (error) => end(String(error)))
    child.once('exit', () => end(said || 'it ended without a word'))
    const knock = () => {
      if (isOver) return
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => {
        socket.destroy()
        end(undefined)
      })
      socket.once('error', () => void setTimeout(knock, 5))
    }
    knock()
  })
}

/** A port below those that the system gives out by itself, free a moment ago: children cannot be given port 0. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    const server = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => resolve(true))
    })
    if (!isFree) continue
    await new Promise((resolve) => server.close(resolve))
    return port
  }
}
