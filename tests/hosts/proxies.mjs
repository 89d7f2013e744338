// Web servers in front of programs of examples/hosts: each runs as whoever runs the tests, on a free port,
// with the configuration that is shipped, in which only places are changed. The address is https, with a
// certificate of an authority that this process trusts.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import path from 'node:path'
import tls from 'node:tls'
import { authority } from '../lib/publisher.mjs'
import { root, start } from '../lib/server.mjs'
import { inFolder, onFreePort, programs } from './hosts.mjs'

const trusted = authority()
process.on('exit', trusted.remove)
tls.setDefaultCACertificates([...tls.getCACertificates('default'), fs.readFileSync(trusted.file, 'utf8')])

const nobodyElse = process.getuid() === 0 ? ['-g', 'user root root;'] : [] // or nginx becomes another user

// A shipped configuration with other places; each of them has to be in it.
function configured(name, folder, changes) {
  fs.writeFileSync(path.join(folder, 'tls.pem'), trusted.cert)
  fs.writeFileSync(path.join(folder, 'tls.key'), trusted.key)
  let text = fs.readFileSync(path.join(root, 'examples/hosts', name), 'utf8')
  for (const [from, to] of [['/etc/ssl/example.com.pem', `${folder}/tls.pem`], ['/etc/ssl/private/example.com.key', `${folder}/tls.key`], ...changes]) {
    assert.ok(text.includes(from), `${name} does not say ${from}`)
    text = text.replaceAll(from, to)
  }
  fs.writeFileSync(path.join(folder, name), text)
  return path.join(folder, name)
}

// A web server in the foreground, from the moment that it has said that it is ready.
async function run(file, args, ready, quit = 'SIGTERM') {
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: `${process.env.PATH}:/usr/sbin` } })
  const ended = once(child, 'close')
  let log = ''
  await new Promise((resolve, reject) => {
    const take = text => { if (ready.test(log += text)) resolve() }
    child.stdout.setEncoding('utf8').on('data', take)
    child.stderr.setEncoding('utf8').on('data', take)
    child.once('error', reject)
    child.once('exit', code => reject(new Error(`cannot listen? ${file} ended with ${code}:\n${log}`)))
  })
  return {
    log: () => log,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill(quit)
      const [code, signal] = await ended
      assert.deepEqual([code, signal], [0, null], `${file} must end cleanly:\n${log.slice(-2000)}`)
    },
  }
}

const logged = folder => ['access.log', 'error.log', 'everything.log'].map(name => path.join(folder, name)).filter(fs.existsSync).map(file => fs.readFileSync(file, 'utf8')).join('')

// The two as one server: `program` may be missing, for a web server that starts it for each request.
const joined = (folder, url, web, program) => ({
  url,
  mcp: `${url}/mcp`,
  web,
  program,
  log: () => logged(folder) + web.log() + (program?.log() ?? ''),
  accessLog: () => fs.readFileSync(path.join(folder, 'access.log'), 'utf8'),
  stop: () => web.stop().finally(() => program?.stop()),
})

async function nginx(folder, port, name, { connections = 256, others = [] }, changes) {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(what => `${what}_temp_path ${folder}/${what};`)
  const file = configured(name, folder, [
    ['listen 443 ssl;', `listen 127.0.0.1:${port} ssl;`], ['/var/log/nginx/istauth.log', `${folder}/access.log`],
    ['/var/log/nginx/istauth-error.log', `${folder}/error.log`], ...changes, ...others,
  ])
  fs.writeFileSync(path.join(folder, 'nginx.conf'), `daemon off; pid ${folder}/nginx.pid; error_log stderr notice;
    events { worker_connections ${connections}; }
    http { gzip on; gzip_types *; gzip_min_length 1; gzip_proxied any; access_log ${folder}/everything.log; ${temporary.join(' ')} include ${file}; }`)
  const web = await run('nginx', ['-c', `${folder}/nginx.conf`, '-p', folder, ...nobodyElse], /start worker process \d+/)
  // Whatever it would write to the disk from here on fails, and the request with it.
  for (const what of ['client_body', 'proxy', 'fastcgi']) fs.rmSync(`${folder}/${what}`, { recursive: true })
  return web
}

const program = (name, ...options) => start(path.join(programs, name), name, options)

// Each with a file for its store in the folder. Options are for nginx: how many connections it may have, and
// what else to change in the configuration.
const proxied = begin => (options = {}) => inFolder(folder => onFreePort(port => begin(folder, port, `https://127.0.0.1:${port}`, options)))

const nginxProxy = proxied(async (folder, port, url, options) => {
  const behind = await onFreePort(inner => program('microhttpd', '--listen', `127.0.0.1:${inner}`, '--issuer', url, '--proxy', '127.0.0.1', '--store', `${folder}/site.db`))
  const web = await nginx(folder, port, 'nginx-proxy.conf', options, [['127.0.0.1:8080', new URL(behind.url).host]])
    .catch(error => behind.stop().then(() => { throw error }))
  return joined(folder, url, web, behind)
})

const nginxFastcgi = proxied(async (folder, port, url, options) => {
  const behind = await program('fastcgi', '--listen', `${folder}/site.sock`, '--issuer', url, '--store', `${folder}/site.db`)
  const web = await nginx(folder, port, 'nginx-fastcgi.conf', options, [['/run/istauth/site.sock', `${folder}/site.sock`]])
    .catch(error => behind.stop().then(() => { throw error }))
  return joined(folder, url, web, behind)
})

const lighttpdCgi = proxied(async (folder, port, url) => {
  fs.writeFileSync(`${folder}/key`, crypto.getRandomValues(new Uint8Array(32)))
  const file = configured('lighttpd-cgi.conf', folder, [
    ['server.bind = "0.0.0.0"', 'server.bind = "127.0.0.1"'], ['server.port = 443', `server.port = ${port}`],
    ['server.username = "www-data"\n', ''], ['server.groupname = "www-data"\n', ''],
    ['/usr/lib/istauth', programs], ['https://example.com', url], ['/var/lib/istauth/site.db', `${folder}/site.db`],
    ['/etc/istauth/key', `${folder}/key`], ['/var/log/lighttpd/istauth.log', `${folder}/access.log`],
    ['server.errorlog = "/var/log/lighttpd/istauth-error.log"\n', ''], // it says on stderr that it is ready
  ])
  return joined(folder, url, await run('lighttpd', ['-D', '-f', file], /server started/, 'SIGINT'))
})

// `twice`: how two Authorization headers are refused, where the web server does it itself.
export const proxies = [
  { name: 'microhttpd behind nginx', start: nginxProxy, twice: 400 },
  { name: 'fastcgi behind nginx', start: nginxFastcgi, twice: 400, chromium: true },
  { name: 'cgi in lighttpd', start: lighttpdCgi },
]
