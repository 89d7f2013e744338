// SIGTERM: what has begun is finished, nothing new begins, and a second one does not wait.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { test } from 'node:test'
import { SqliteFile } from '../lib/places.mjs'
import { startServer } from '../lib/server.mjs'

const body = JSON.stringify({ client_name: 'Late', redirect_uris: ['http://127.0.0.1/callback'] })

// A connection, and what has come over it.
async function connection(server) {
  const socket = net.connect(new URL(server.url).port, '127.0.0.1').setEncoding('latin1')
  let heard = ''
  socket.on('data', text => { heard += text })
  await once(socket, 'connect')
  const hears = async pattern => { while (!pattern.test(heard)) await once(socket, 'data') }
  return { socket, hears, heard: () => heard }
}

// A registration of which the body is still to come: the server says that it may.
async function begin(server) {
  const c = await connection(server)
  c.socket.write(`POST /api/oauth/register HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nExpect: 100-continue\r\n\r\n`)
  await c.hears(/^HTTP\/1\.1 100 /)
  return c
}

test('a request under way survives SIGTERM, and is the last of its connection', async t => {
  const place = new SqliteFile()
  t.after(() => place.remove())
  const server = await startServer('--store', place.place)
  const late = await begin(server)
  server.signal('SIGTERM')
  await server.says(/ending: no more connections/)
  await assert.rejects(async () => { // until the socket is closed, which comes right behind the line
    for (;;) (await connection(server)).socket.destroy()
  }, { code: 'ECONNREFUSED' })
  late.socket.write(body)
  await once(late.socket, 'end')
  assert.match(late.heard(), /\r\n\r\nHTTP\/1\.1 201 /)
  assert.match(late.heard(), /^connection: close\r$/im)
  const { client_id } = JSON.parse(late.heard().split('\r\n\r\n').at(-1))
  assert.deepEqual(await server.ended, [0, null])
  assert.match(server.log(), / request POST \/api\/oauth\/register 201 /)
  // It is in the file, which was closed: nothing is left beside it.
  place.check()
  assert.ok(place.dump().includes(client_id))
})

test('a connection that only stands open keeps nobody waiting', async () => {
  const server = await startServer()
  const idle = await connection(server)
  idle.socket.write('GET /health HTTP/1.1\r\nHost: x\r\n\r\n')
  await idle.hears(/ok\n$/)
  const silent = await connection(server)
  server.signal('SIGTERM')
  const before = Date.now()
  assert.deepEqual(await server.ended, [0, null])
  assert.ok(Date.now() - before < 10_000, 'it waited for nothing')
  idle.socket.destroy()
  silent.socket.destroy()
})

test('a second signal ends it at once', async () => {
  const server = await startServer()
  const late = await begin(server)
  late.socket.on('error', () => {})
  server.signal('SIGTERM')
  await server.says(/ending: no more connections/)
  server.signal('SIGTERM')
  assert.deepEqual(await server.ended, [null, 'SIGTERM'])
})

test('health says that it is about to end', async () => {
  const server = await startServer('--metrics', '127.0.0.1:0')
  const watched = /metrics on (\S+)\/metrics$/m.exec(server.log())[1]
  const late = await begin(server)
  assert.equal((await fetch(`${watched}/health`)).status, 200)
  server.signal('SIGINT')
  await server.says(/ending: no more connections/)
  let status = 200
  for (let tries = 0; status === 200 && tries < 1000; tries++) status = (await fetch(`${watched}/health`)).status
  assert.equal(status, 503)
  assert.equal((await fetch(`${watched}/health/live`)).status, 200)
  late.socket.end(body)
  assert.deepEqual(await server.ended, [0, null])
})
