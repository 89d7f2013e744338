// --log json: each line is one object, whatever a stranger sends, and has no secret in it.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { test } from 'node:test'
import { refresh, register, tool } from '../lib/oauth.mjs'
import { Person } from '../lib/person.mjs'
import { startServer } from '../lib/server.mjs'

// One request as bytes.
async function send(server, bytes) {
  const socket = net.connect(new URL(server.url).port, '127.0.0.1')
  socket.end(Buffer.from(bytes, 'latin1'))
  socket.resume()
  await once(socket, 'close')
}

const objects = server => server.log().split('\n').filter(line => line && !line.startsWith('isteam: ')).map(line => JSON.parse(line))

test('each line of the log is one JSON object', async t => {
  const server = await startServer('--log', 'json')
  t.after(() => server.stop())
  const client = await register(server)
  const pair = await new Person(server).connect(client, { access: 'mcp' })
  await refresh(server, client, pair.refresh_token)
  assert.equal((await tool(server, pair.access_token, 'list_workspaces')).status, 200)
  await send(server, `GET /a"b\\c\x01\x1b[2J\xff\u0085{}/${pair.access_token}/end HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
  await send(server, `GET /${'long"\\'.repeat(500)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
  await server.says(/long/)
  const all = objects(server)
  for (const line of all) {
    assert.match(line.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    assert.ok(['request', 'event', 'note'].includes(line.kind), line.kind)
    if (line.kind !== 'request') continue
    assert.deepEqual(Object.keys(line), ['time', 'kind', 'method', 'path', 'status', 'ms', 'address'])
    assert.ok(Number.isInteger(line.status) && Number.isInteger(line.ms) && line.ms >= 0)
    assert.equal(line.address, '127.0.0.1')
    assert.ok(line.path.length <= 200)
  }
  const events = Object.fromEntries(all.filter(line => line.kind === 'event').map(line => [line.event, line]))
  assert.equal(events.registered.client, client.client_id)
  assert.deepEqual([events.token_issued.client, events.token_issued.subject, events.token_issued.scopes], [client.client_id, 'person_ada', 'mcp'])
  assert.match(events.refreshed.grant, /^[0-9a-f]{32}$/)
  const odd = all.find(line => line.path?.startsWith('/a"'))
  assert.ok(odd, server.log())
  assert.match(odd.path, /^\/a"b\\c[?]/)
  assert.match(odd.path, /\/ist_\*\*\*\/end$/)
  assert.doesNotMatch(server.log(), /[^\x20-\x7e\n]/)
})

test('the log says how it can look', async () => {
  await assert.rejects(startServer('--log', 'xml'), /--log takes text or json/)
})
