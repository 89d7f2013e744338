// examples/verify_only.c: a resource server that shares its store with the authorization server of another
// process.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import http from 'node:http'
import path from 'node:path'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { authorization, redeem, refresh, register, rpc, tool } from '../lib/oauth.mjs'
import { Person } from '../lib/person.mjs'
import { SqliteFile } from '../lib/places.mjs'
import { freePort, root, startServer, startVerifyOnly } from '../lib/server.mjs'

const program = path.join(path.dirname(path.resolve(root, process.env.ISTEAM ?? 'build/isteam')), 'verify_only')

let data, server, here, ada, client

before(async () => {
  data = new SqliteFile()
  const port = await freePort()
  server = await startServer('--store', data.place, '--notes', `http://127.0.0.1:${port}/mcp`)
  here = await startVerifyOnly(server.url, data.file, port)
  client = await register(server)
  ada = new Person(server)
})
after(async () => {
  await server?.stop()
  await here?.stop()
  data?.remove()
})

// Tokens of an app of hers, for this server unless told otherwise.
async function connect(app = client, { access = 'mcp', resource = here.mcp } = {}) {
  const request = authorization(server, app, { scope: access, resource })
  const answer = await ada.allow(request.url, { access })
  const { status, body } = await redeem(server, request, answer.get('code'))
  assert.equal(status, 200, JSON.stringify(body))
  return body
}

const says = async (token, name, args) => (await tool(here, token, name, args)).body.result?.content[0].text

test('its metadata names the other one, and it serves nothing else', async () => {
  const document = await (await fetch(`${here.url}/.well-known/oauth-protected-resource/mcp`)).json()
  assert.equal(document.resource, here.mcp)
  assert.deepEqual(document.authorization_servers, [server.url])
  for (const place of ['/api/oauth/token', '/api/oauth/register', '/oauth/authorize', '/.well-known/oauth-authorization-server', '/%6Dcp', '/mcp/', '/'])
    assert.equal((await fetch(here.url + place, { method: 'POST', redirect: 'manual' })).status, 404, place)
})

test('without a token it says where to get one', async () => {
  const { status, headers } = await rpc(here, undefined, 'tools/list')
  assert.equal(status, 401)
  assert.equal(headers.get('www-authenticate'), `Bearer resource_metadata="${here.url}/.well-known/oauth-protected-resource/mcp", scope="mcp"`)
  const preflight = await fetch(here.mcp, { method: 'OPTIONS' })
  assert.deepEqual([preflight.status, preflight.headers.get('access-control-allow-methods')], [204, 'GET, POST, DELETE'])
  assert.equal((await fetch(here.mcp)).status, 401)
})

test('a token that was issued there opens this one: for its person, its workspace and its scope', async () => {
  const { access_token } = await connect()
  assert.equal((await rpc(here, access_token, 'initialize', { protocolVersion: '2025-11-25' })).body.result.serverInfo.name, 'verify_only')
  assert.deepEqual((await rpc(here, access_token, 'tools/list')).body.result.tools.map(({ name }) => name), ['whoami', 'read_tally', 'raise_tally'])
  const get = await fetch(here.mcp, { headers: { authorization: `Bearer ${access_token}` } })
  assert.deepEqual([get.status, get.headers.get('allow')], [405, 'POST, OPTIONS'])
  assert.equal(await says(access_token, 'whoami'), 'person person_ada, in 1 workspace(s)')
  assert.equal(await says(access_token, 'read_tally', { workspace: 'ws_engine' }), 'ws_engine: 0')
  assert.equal(await says(access_token, 'raise_tally', { workspace: 'ws_engine' }), 'ws_engine: 1')
  assert.equal(await says(access_token, 'read_tally', { workspace: 'ws_engine' }), 'ws_engine: 1')

  const elsewhere = await tool(here, access_token, 'read_tally', { workspace: 'ws_notes' })
  assert.deepEqual([elsewhere.status, elsewhere.headers.get('www-authenticate')], [403, null])
  assert.equal((await tool(here, access_token, 'read_tally')).body.error.message, 'which workspace?')
  assert.equal((await tool(here, access_token, 'drop_tally')).body.error.message, 'no such tool')
  assert.equal((await rpc(here, access_token, 'resources/list')).body.error.code, -32601)
})

test('a token that may only read is told which scope a change needs', async () => {
  const { access_token } = await connect(client, { access: 'mcp:read' })
  assert.match(await says(access_token, 'read_tally', { workspace: 'ws_engine' }), /^ws_engine: /)
  const { status, headers } = await tool(here, access_token, 'raise_tally', { workspace: 'ws_engine' })
  assert.equal(status, 403)
  assert.match(headers.get('www-authenticate'), /^Bearer error="insufficient_scope", resource_metadata="[^"]+", scope="mcp"/)
})

test('tokens of the two resources do not open each other', async () => {
  const theirs = await connect(client, { resource: server.mcp }), ours = await connect()
  for (const [at, token, want] of [[here, ours, 200], [here, theirs, 401], [server, theirs, 200], [server, ours, 401]])
    assert.equal((await rpc(at, token.access_token, 'tools/list')).status, want, at.mcp)
  assert.match((await rpc(here, theirs.access_token, 'tools/list')).headers.get('www-authenticate'), /error="invalid_token"/)
})

test('a refresh there is good here, and a disconnection there is felt here by the next request', async () => {
  const app = await register(server)
  const first = await connect(app)
  const { body: second } = await refresh(server, app, first.refresh_token)
  for (const { access_token } of [first, second]) assert.equal((await rpc(here, access_token, 'tools/list')).status, 200)
  await ada.disconnect(app)
  for (const { access_token } of [first, second]) assert.equal((await rpc(here, access_token, 'tools/list')).status, 401)
  assert.match(here.log(), /event verification_denied status=INVALID_TOKEN address=127\.0\.0\.1/)
})

test('two Authorization headers, a body that is too large and one that is not JSON are refused', async () => {
  const { access_token } = await connect()
  const bearer = `Bearer ${access_token}`
  const post = async (headers, body) => {
    const request = http.request(here.mcp, { method: 'POST', headers })
    request.end(body)
    const [response] = await once(request, 'response')
    response.resume()
    return response.statusCode
  }
  const list = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' })
  assert.equal(await post(['authorization', bearer], list), 200)
  assert.equal(await post(['authorization', bearer, 'authorization', bearer], list), 401)
  assert.equal(await post(['authorization', `${bearer}, ${bearer}`], list), 401)
  assert.equal(await post(['authorization', bearer], ' '.repeat(65536 - list.length) + list), 200)
  assert.equal(await post(['authorization', bearer], ' '.repeat(65537 - list.length) + list), 413)
  assert.equal(await post(['authorization', bearer], list.slice(1)), 400)
  assert.equal(await post(['authorization', bearer], '{"jsonrpc":"2.0","method":"notifications/initialized"}'), 202)
  for (const id of ['9007199254740993', '1000000000000000', '1e400', '0.5', '[]', 'null'])
    assert.equal(await post(['authorization', bearer], `{"jsonrpc":"2.0","id":${id},"method":"ping"}`), 400, id)
  for (const id of ['999999999999999', '-1', '1764107423123', '"a"']) {
    const answer = await fetch(here.mcp, { method: 'POST', headers: { authorization: bearer }, body: `{"jsonrpc":"2.0","id":${id},"method":"ping"}` })
    assert.ok((await answer.text()).includes(`"id":${id},`), id)
  }
})

test('a script in a browser may read every answer', async () => {
  const authorization = `Bearer ${(await connect()).access_token}`
  for (const [method, body, status] of [['POST', '{"jsonrpc":"2.0","method":"notifications/initialized"}', 202], ['POST', '{', 400], ['GET', undefined, 405]]) {
    const answer = await fetch(here.mcp, { method, body, headers: { authorization } })
    assert.deepEqual([answer.status, answer.headers.get('access-control-allow-origin')], [status, '*'])
  }
})

test('a port that is none is refused', () => {
  for (const port of ['', '0', '-1', '65536', '99999999999999999999', '80x', ' 80'])
    assert.equal(spawnSync(program, [server.url, data.file, here.mcp, port], { timeout: 5000 }).status, 1, port)
})
