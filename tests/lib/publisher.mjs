// Who publishes metadata documents: a TLS server on this machine, under an authority of the test's own
// (made by the openssl command). It counts who comes, and how far.
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import https from 'node:https'
import os from 'node:os'
import path from 'node:path'

const openssl = (folder, ...args) => execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })

// A folder with ca.pem, and a certificate and key for the loopback names.
export function authority() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'istauth-ca-'))
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  openssl(folder, 'req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=Authority of a test')
  openssl(folder, 'req', ...key, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=localhost')
  fs.writeFileSync(path.join(folder, 'san'), 'subjectAltName=DNS:localhost,IP:127.0.0.1')
  openssl(folder, 'x509', '-req', '-in', 'server.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'san', '-out', 'server.pem')
  return {
    file: path.join(folder, 'ca.pem'),
    key: fs.readFileSync(path.join(folder, 'server.key')),
    cert: fs.readFileSync(path.join(folder, 'server.pem')),
    remove: () => fs.rmSync(folder, { recursive: true, force: true }),
  }
}

// `publish(path, document or (request, response) => ...)` gives the URL.
export async function publisher({ key, cert }) {
  const pages = new Map(), requests = []
  let connections = 0
  const server = https.createServer({ key, cert }, (request, response) => {
    requests.push({ path: request.url, headers: request.headers })
    const page = pages.get(request.url)
    if (typeof page === 'function') return page(request, response)
    response.writeHead(page ? 200 : 404, { 'content-type': 'application/json', 'cache-control': 'max-age=300' })
    response.end(JSON.stringify(page ?? {}))
  }).listen(0, '127.0.0.1')
  server.on('connection', () => connections++)
  server.on('tlsClientError', () => {}) // whoever does not trust us hangs up
  await once(server, 'listening')
  const base = `https://127.0.0.1:${server.address().port}`
  return {
    base,
    port: server.address().port,
    requests,
    connections: () => connections,
    publish(path, page) {
      pages.set(path, typeof page === 'function' ? page : { client_id: base + path, ...page })
      return base + path
    },
    close: () => new Promise(resolve => { server.close(resolve); server.closeAllConnections() }),
  }
}
