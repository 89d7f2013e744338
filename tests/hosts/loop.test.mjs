// The event loop while its workers wait: the store's writers are held up from outside, by a lock on the
// SQLite file.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { root } from '../lib/server.mjs'
import { register } from '../lib/oauth.mjs'
import { hosts } from './hosts.mjs'

const header = fs.readFileSync(path.join(root, 'examples/hosts/workers.h'), 'utf8')
const constant = name => Number(new RegExp(`#define ${name} (\\d+)`).exec(header)[1])
const workers = constant('WORKERS'), waiting = constant('WAITING_MAX')

// A server whose store lets nobody write until open() is called.
async function heldUp(t) {
  const server = await hosts.find(({ name }) => name === 'evhttp').start()
  t.after(server.stop)
  const database = new DatabaseSync(path.join(server.folder, 'site.db'))
  database.exec('BEGIN IMMEDIATE')
  const open = () => { if (database.isOpen) database.close() }
  t.after(open)
  return { server, open }
}

const metadata = JSON.stringify({ redirect_uris: ['http://127.0.0.1/callback'] })
const registration = server => fetch(`${server.url}/api/oauth/register`, {
  method: 'POST', headers: { 'content-type': 'application/json' }, body: metadata,
}).then(({ status, headers }) => ({ status, retryAfter: headers.get('retry-after') }))

// More registrations than there is room for beside `others`, and the answers of those that found none.
async function flood(server, extra, others = 0) {
  const refused = []
  let enough
  const some = new Promise(resolve => { enough = resolve })
  const all = Array.from({ length: workers + waiting + extra - others }, () => registration(server).then(answer => {
    if (answer.status === 503 && refused.push(answer) === extra) enough()
    return answer
  }))
  await Promise.race([some, Promise.all(all)])
  return { refused: refused.slice(), all: Promise.all(all) }
}

// Far less than the five seconds for which the store waits, and the server at its end.
async function soon(step, why) {
  const began = performance.now()
  const result = await step()
  assert.ok(performance.now() - began < 3000, why)
  return result
}

test('a full queue is a 503 at once, and what waits is served later', async t => {
  const { server, open } = await heldUp(t)
  const { refused, all } = await soon(() => flood(server, 8), 'nobody was refused before the store gave up')
  for (const { retryAfter } of refused) assert.match(retryAfter, /^[1-9]\d*$/)
  open()
  const answers = await all
  const served = answers.filter(({ status }) => status === 201).length
  // Of the first ones a worker may not have taken one yet.
  assert.ok(served >= waiting && served <= waiting + workers, `${served} were served`)
  assert.equal(answers.filter(({ status }) => status === 503).length, answers.length - served)
  await register(server)
})

// Requests of clients that will not wait: they have been read by the server when flood() is back.
async function doomed(server, count) {
  const { hostname, port } = new URL(server.url)
  return Promise.all(Array.from({ length: count }, async () => {
    const socket = net.connect(port, hostname)
    await once(socket, 'connect')
    socket.write(`POST /api/oauth/register HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${metadata.length}\r\n\r\n${metadata}`)
    return socket
  }))
}

test('clients that are gone while their requests wait leave nothing behind', async t => {
  const { server, open } = await heldUp(t)
  const sockets = await doomed(server, 10)
  const { all } = await soon(() => flood(server, 1, sockets.length), 'they were not read')
  await Promise.all(sockets.map(socket => once(socket.resetAndDestroy(), 'close')))
  open()
  assert.ok((await all).some(({ status }) => status === 201))
  await register(server)
  await soon(server.stop, 'the end waited for requests that nobody waits for')
})

test('on SIGTERM what waits is answered before the end', async t => {
  const { server, open } = await heldUp(t)
  const { all } = await flood(server, 4)
  const stopped = server.stop()
  open()
  const served = (await all).filter(({ status }) => status === 201).length
  assert.ok(served >= waiting, `${served} were served`)
  await stopped
})

test('a store that does not come back holds the end up for some seconds, and no longer', async t => {
  const { server } = await heldUp(t)
  const { all } = await flood(server, 1)
  const answers = all.catch(error => error) // the connections are closed under them
  await server.stop()
  assert.equal((await answers).message, 'fetch failed')
})
