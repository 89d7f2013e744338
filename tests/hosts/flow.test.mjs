// The whole OAuth flow, and what strangers may try, against every program of examples/hosts: each is the
// same application, so each has to answer the same.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { text as textOf } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import tls from 'node:tls'
import { openBrowser, openWindow, signIn } from '../lib/browser.mjs'
import { Host, generations } from '../lib/host.mjs'
import { authorization, listen, redeem, refresh, register, rpc, tool } from '../lib/oauth.mjs'
import { seen } from '../lib/secrets.mjs'
import { hosts } from './hosts.mjs'
import { Person, formOf } from './person.mjs'
import { proxies } from './proxies.mjs'

const times = (count, step) => Promise.all(Array.from({ length: count }, (_, i) => step(i)))
const json = async (url, init) => { const response = await fetch(url, init); return { status: response.status, headers: response.headers, body: await response.json() } }

// `plain` is the connection under that of TLS, where there is one.
async function connectTo(server) {
  const { protocol, hostname, port } = new URL(server.url)
  const plain = net.connect(port, hostname)
  await once(plain, 'connect')
  if (protocol !== 'https:') return Object.assign(plain, { plain })
  const socket = Object.assign(tls.connect({ socket: plain, host: hostname }), { plain })
  await once(socket, 'secureConnect')
  return socket
}

// Bytes as no client library would send them; the whole answer.
async function raw(server, ...pieces) {
  const socket = await connectTo(server)
  socket.write(pieces.join('\r\n'))
  const answer = await textOf(socket).catch(error => `cut: ${error.code}`)
  return { answer, status: Number(/^HTTP\/1\.\d (\d+) /.exec(answer)?.[1]) }
}
const get = (server, target, ...headers) => raw(server, `GET ${target} HTTP/1.1`, ...headers, 'Host: x', 'Connection: close', '', '')

// A client that is connected: tokens, and what they came from.
async function connect(server, { scope = 'mcp', ...choice } = {}) {
  const client = await register(server)
  const request = authorization(server, client, { scope })
  const answer = await new Person(server).decide(request.url, choice)
  assert.equal(answer.get('state'), request.state)
  assert.equal(answer.get('iss'), server.url)
  const { status, body } = await redeem(server, request, answer.get('code'))
  assert.equal(status, 200, JSON.stringify(body))
  return { ...body, client, request, code: answer.get('code') }
}
const alive = async (server, { access_token }) => (await rpc(server, access_token, 'ping')).status

// The official SDK with a person who answers forms instead of Chromium.
class Sdk extends Host {
  async withPerson(step, choice) {
    await assert.rejects(step, this.Unauthorized)
    await this.finish(await new Person(this.server).decide(String(this.provider.authorizationUrl), choice))
    return step()
  }
}

function flow(host) {
  let server
  before(async () => { server = await host.start() })
  after(() => server.stop())

  test('both discovery documents name the configured issuer and resource', async () => {
    const resource = await json(`${server.url}/.well-known/oauth-protected-resource/mcp`)
    assert.equal(resource.status, 200)
    assert.equal(resource.body.resource, server.mcp)
    assert.deepEqual(resource.body.authorization_servers, [server.url])
    const issuer = await json(`${server.url}/.well-known/oauth-authorization-server`)
    assert.equal(issuer.body.issuer, server.url)
    assert.deepEqual(issuer.body.code_challenge_methods_supported, ['S256'])
    assert.equal(issuer.headers.get('access-control-allow-origin'), '*')
  })

  test('what is not served is a 404 without a page', async () => {
    for (const path of ['/.well-known/openid-configuration', '/.well-known/oauth-protected-resource/other', '/', '/favicon.ico', '/mcp/x', '/signin/']) {
      const response = await fetch(server.url + path, { redirect: 'manual' })
      assert.equal(response.status, 404, path)
      assert.equal(response.headers.get('content-type'), 'application/json', path)
    }
  })

  test('without a token: 401, and where to start', async () => {
    const { status, headers } = await rpc(server, undefined, 'initialize')
    assert.equal(status, 401)
    assert.equal(headers.get('www-authenticate'), `Bearer resource_metadata="${server.url}/.well-known/oauth-protected-resource/mcp", scope="mcp"`)
    assert.equal((await rpc(server, 'ist_at_garbage', 'initialize')).status, 401)
  })

  test('from registration to a tool, and every tool', async () => {
    const tokens = await connect(server, { workspaces: ['ws_engine', 'ws_home'] })
    const { body: { result: hello } } = await rpc(server, tokens.access_token, 'initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } })
    assert.equal(hello.protocolVersion, '2025-11-25')
    const { body: { result: { tools } } } = await rpc(server, tokens.access_token, 'tools/list')
    assert.deepEqual(tools.map(({ name }) => name), ['whoami', 'notes_list', 'note_add'])
    const who = await tool(server, tokens.access_token, 'whoami')
    assert.deepEqual(who.body.result.structuredContent, { workspaces: ['ws_engine', 'ws_home'], subject: 'person_ada', name: 'Ada Lovelace' })
    const text = `<b>"Grüße"</b>\n\u{1f600} ${host.name}`
    assert.equal((await tool(server, tokens.access_token, 'note_add', { workspace: 'ws_engine', text })).body.result.isError, false)
    const notes = async workspace => (await tool(server, tokens.access_token, 'notes_list', { workspace })).body.result.structuredContent.notes
    assert.ok((await notes('ws_engine')).includes(text))
    assert.deepEqual(await notes('ws_home'), [])
    const long = await tool(server, tokens.access_token, 'note_add', { workspace: 'ws_engine', text: 'x'.repeat(1001) })
    assert.equal(long.body.result.isError, true)
    assert.equal((await tool(server, tokens.access_token, 'no_such_tool')).body.error.code, -32602)
    const notification = await fetch(server.mcp, {
      method: 'POST', headers: { authorization: `Bearer ${tokens.access_token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' }),
    })
    assert.deepEqual([notification.status, await notification.text()], [202, ''])
  })

  test('what is no message is told so', async () => {
    const { access_token } = await connect(server)
    const send = async body => {
      const response = await fetch(server.mcp, { method: 'POST', body, headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' } })
      return [response.status, (await response.json()).error.code]
    }
    for (const body of ['', '{', '{"id":1,"method":"\0"}', Buffer.from('{"id":1,"method":"\xff"}', 'latin1'), '['.repeat(5000)])
      assert.deepEqual(await send(body), [400, -32700], String(body).slice(0, 30))
    for (const id of ['1e300', '1.5', 'null', '{}', '1,"id":2'])
      assert.deepEqual(await send(`{"jsonrpc":"2.0","method":"ping","id":${id}}`), [400, -32600], id)
    assert.deepEqual(await send('[]'), [400, -32600])
    assert.deepEqual(await send('{"id":1,"method":"sampling/createMessage"}'), [200, -32601])
  })

  test('sign-in: a wrong password, another site\'s form, and a planted cookie', async () => {
    const person = new Person(server)
    const { url } = authorization(server, await register(server))
    person.cookies.set('session', 'A'.repeat(150))
    const { page, headers } = await person.visit(url)
    assert.match(headers.get('content-security-policy'), /frame-ancestors 'none'/)
    const wrong = await person.signIn(page, 'babbage')
    assert.deepEqual([wrong.status, wrong.headers.getSetCookie()], [401, []])
    for (const origin of ['https://evil.example', 'null', ''])
      assert.equal((await person.signIn(page, undefined, { origin })).status, 400, origin)
    const right = await person.signIn(wrong.page)
    assert.equal(right.status, 303)
    assert.match(right.headers.get('set-cookie'), server.url.startsWith('https:') ? /; HttpOnly; SameSite=Lax; Secure$/ : /; HttpOnly; SameSite=Lax$/)
    assert.equal(new URL(right.location, server.url).pathname, '/oauth/authorize')
  })

  test('consent: no workspace is mended on the page, cancelled is access_denied, answered is answered', async () => {
    const person = new Person(server)
    const request = authorization(server, await register(server, { client_name: '<script>x</script>' }))
    const page = await person.openConsent(request.url)
    assert.ok(!page.includes('<script>x'))
    assert.ok(formOf(page).inputs.some(({ value }) => value === 'ws_home'))
    const mended = await person.answer(page, { workspaces: [] })
    assert.ok(mended.status >= 400 && mended.status < 500, mended.page)
    assert.equal((await person.answer(mended.page)).status, 303)
    assert.equal((await person.answer(mended.page)).location, null, 'a ticket is good once')
    const other = new Person(server), { url } = authorization(server, await register(server))
    await other.openConsent(url)
    assert.equal((await other.answer(await person.openConsent(url))).location, null, 'a ticket is good in one browser')
    assert.equal((await other.decide(url, { press: 'deny' })).get('error'), 'access_denied')
  })

  test('the code is good once, with its verifier', async () => {
    const request = authorization(server, await register(server))
    const code = (await new Person(server).decide(request.url)).get('code')
    const wrong = await redeem(server, { ...request, verifier: 'x'.repeat(43) }, code)
    assert.deepEqual([wrong.status, wrong.body.error], [400, 'invalid_grant'])
    const tokens = await connect(server)
    assert.equal(await alive(server, tokens), 200)
    assert.equal((await redeem(server, tokens.request, tokens.code)).body.error, 'invalid_grant')
    assert.equal(await alive(server, tokens), 401, 'a replay kills what the code produced')
  })

  test('a scope that is missing is a 403 that names it, a workspace one that names nothing', async () => {
    const tokens = await connect(server, { scope: 'mcp:read' })
    const refused = await tool(server, tokens.access_token, 'note_add', { workspace: 'ws_engine', text: 'no' })
    assert.equal(refused.status, 403)
    assert.match(refused.headers.get('www-authenticate'), /^Bearer error="insufficient_scope".*scope="mcp"/)
    assert.equal((await tool(server, tokens.access_token, 'notes_list', { workspace: 'ws_engine' })).status, 200)
    for (const workspace of ['ws_home', 'ws_of_others']) {
      const { status, headers } = await tool(server, tokens.access_token, 'notes_list', { workspace })
      assert.deepEqual([status, headers.get('www-authenticate')], [403, null], workspace)
    }
  })

  test('refresh tokens rotate; an old one kills the family', async () => {
    const first = await connect(server)
    const { status, body: second } = await refresh(server, first.client, first.refresh_token)
    assert.equal(status, 200)
    assert.notEqual(second.refresh_token, first.refresh_token)
    assert.equal(await alive(server, second), 200)
    assert.equal((await refresh(server, first.client, first.refresh_token)).body.error, 'invalid_grant')
    assert.equal(await alive(server, second), 401)
    assert.equal((await refresh(server, first.client, second.refresh_token)).status, 400)
  })

  test('revocation', async () => {
    const tokens = await connect(server)
    const { status } = await fetch(`${server.url}/api/oauth/revoke`, { method: 'POST', body: new URLSearchParams({ token: tokens.refresh_token, client_id: tokens.client.client_id }) })
    assert.equal(status, 200)
    assert.equal(await alive(server, tokens), 401)
  })

  for (const generation of Object.keys(generations))
    test(`the official SDK ${generation}, given nothing but the address`, async t => {
      const sdk = new Sdk(generation, server, { url: 'http://127.0.0.1/callback' })
      sdk.server = server
      t.after(() => sdk.close())
      await sdk.connect({ workspaces: ['ws_home'] })
      const { tools } = await sdk.client.listTools()
      assert.equal(tools.length, 3)
      const { structuredContent } = await sdk.call('whoami')
      assert.deepEqual(structuredContent.workspaces, ['ws_home'])
      assert.deepEqual((await sdk.call('note_add', { workspace: 'ws_home', text: generation })).isError, false)
    })

  if (host.chromium)
    test('a person in Chromium', async t => {
      const listener = await listen()
      t.after(listener.close)
      const browser = await openBrowser()
      t.after(() => browser.close())
      const page = await (await openWindow(browser, { ignoreHTTPSErrors: server.url.startsWith('https:') })).newPage()
      const request = authorization(server, await register(server, { redirect_uris: [listener.url] }))
      const answered = listener.answer(request)
      await page.goto(request.url)
      await signIn(page)
      await page.getByLabel('Analytical Engine').check()
      await page.getByRole('button', { name: 'Allow' }).click()
      const { status, body } = await redeem(server, request, (await answered).get('code'))
      assert.equal(status, 200)
      assert.equal(await alive(server, body), 200)
    })

  // --- strangers ---

  test('issuer and resource do not change with what a request says of itself', async () => {
    const lies = ['Host: evil.example', 'X-Forwarded-Host: evil.example', 'X-Forwarded-Proto: gopher', 'Forwarded: host=evil.example;proto=gopher', 'X-Forwarded-Prefix: /evil', 'X-Real-IP: 6.6.6.6']
    for (const path of ['/.well-known/oauth-authorization-server', '/.well-known/oauth-protected-resource/mcp', '/mcp']) {
      const { answer, status } = await raw(server, `GET ${path} HTTP/1.1`, ...lies, 'Connection: close', '', '')
      assert.equal(status, path === '/mcp' ? 401 : 200)
      assert.ok(answer.includes(server.url), answer)
      assert.doesNotMatch(answer, /evil|gopher/)
    }
  })

  test('two Authorization headers are none', async () => {
    const { access_token } = await connect(server)
    const bearer = `Authorization: Bearer ${access_token}`
    const ask = (...headers) => raw(server, 'POST /mcp HTTP/1.1', 'Host: x', ...headers, 'Content-Type: application/json', 'Content-Length: 40', 'Connection: close', '', '{"jsonrpc":"2.0","id":1,"method":"ping"}')
    assert.equal((await ask(bearer)).status, 200)
    assert.equal((await ask(bearer, bearer)).status, host.twice ?? 401)
    assert.equal((await ask('Authorization: Basic eDp5', bearer)).status, host.twice ?? 401)
  })

  test('a path is compared as it was sent', async () => {
    const targets = ['/%6dcp', '/mcp%00', '/%2e/mcp', '/x/../mcp', '//mcp', '/api%2Foauth%2Ftoken', '/.well-known/oauth-authorization-server%00', '/%', '/%zz']
    for (const target of targets) assert.notEqual((await get(server, target)).status, 401, target)
    for (const target of targets) assert.ok([400, 404].includes((await get(server, target)).status), target)
    assert.equal((await get(server, '/mcp')).status, 401)
    assert.equal((await get(server, '/mcp?x=%6d')).status, 401)
  })

  test('a query arrives as it was sent, and once', async () => {
    const client = await register(server, { redirect_uris: ['https://app.example/callback'] })
    const state = 'a+b&c=d%26 é'
    const { url } = authorization(server, client, { state, scope: 'nonsense' })
    const refused = await fetch(url, { redirect: 'manual' })
    assert.equal(new URL(refused.headers.get('location')).searchParams.get('state'), state)
    assert.equal((await fetch(`${url}&client_id=x`, { redirect: 'manual' })).status, 400)
  })

  test('line breaks and NULs go nowhere', async () => {
    const client = await register(server, { redirect_uris: ['https://app.example/callback'] })
    const { url } = authorization(server, client, { state: 'x\r\nSet-Cookie: a=b\r\n\r\n<b>', scope: 'nonsense' })
    const refused = await fetch(url, { redirect: 'manual' })
    assert.equal(refused.headers.get('set-cookie'), null)
    assert.doesNotMatch(await refused.text(), /<b>/)
    for (const parameter of ['client_id', 'state', 'redirect_uri'])
      assert.equal((await fetch(`${server.url}/oauth/authorize?${parameter}=%00`, { redirect: 'manual' })).status, 400, parameter)
    const nul = await raw(server, 'GET /mcp\0 HTTP/1.1', 'Host: x', 'Connection: close', '', '')
    assert.ok(!(nul.status < 400), nul.answer)
    const header = await raw(server, 'GET /mcp HTTP/1.1', 'Host: x', 'Authorization: Bearer a\0b', 'Connection: close', '', '')
    assert.ok(!(header.status < 400), header.answer)
  })

  test('a body that is too large is a 413, however it comes', async () => {
    const { access_token } = await connect(server)
    const large = 'x'.repeat(100_000)
    const post = (url, body, type, extra) => fetch(url, { method: 'POST', body, headers: { 'content-type': type, authorization: `Bearer ${access_token}` }, ...extra })
    for (const path of ['/mcp', '/api/oauth/register', '/signin', '/nowhere'])
      assert.equal((await post(server.url + path, large, 'application/json')).status, 413, path)
    assert.equal((await post(`${server.url}/api/oauth/token`, `a=${large.slice(0, 40_000)}`, 'application/x-www-form-urlencoded')).status, 413, 'the library has limits of its own')
    assert.equal((await post(server.mcp, new Blob([large, large]).stream(), 'application/json', { duplex: 'half' })).status, 413, 'chunked')
    const full = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping', params: { x: large.slice(0, 65_000) } })
    assert.equal((await post(server.mcp, full, 'application/json')).status, 200, 'nearly as large as it may be')
  })

  test('HEAD has no body, and the connection goes on', async () => {
    const path = '/.well-known/oauth-authorization-server'
    const { answer } = await raw(server, `HEAD ${path} HTTP/1.1`, 'Host: x', '', `GET ${path}?again HTTP/1.1`, 'Host: x', 'Connection: close', '', '')
    const [head, , rest] = answer.split(/(\r\n\r\n)/)
    assert.match(head, /^HTTP\/1\.1 200 /)
    assert.match(rest, /^HTTP\/1\.1 200 /, 'the next answer follows at once')
    assert.equal(answer.split('"issuer"').length, 2)
  })

  test('OPTIONS: browsers may call what they need, and nothing else', async () => {
    const preflight = path => fetch(server.url + path, { method: 'OPTIONS', headers: { origin: 'https://app.example', 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' } })
    for (const path of ['/mcp', '/api/oauth/token', '/api/oauth/register']) {
      const { status, headers } = await preflight(path)
      assert.equal(status, 204, path)
      assert.equal(headers.get('access-control-allow-origin'), '*')
      assert.match(headers.get('access-control-allow-methods'), /POST/)
    }
    for (const path of ['/oauth/authorize', '/signin', '/consent'])
      assert.equal((await preflight(path)).headers.get('access-control-allow-methods'), null, path)
  })

  test('other methods are refused, and a page over plain http from elsewhere', async () => {
    const { access_token } = await connect(server)
    const call = (method, headers) => fetch(server.mcp, { method, headers: { authorization: `Bearer ${access_token}`, ...headers } })
    for (const method of ['GET', 'DELETE', 'PUT']) assert.equal((await call(method)).status, 405, method)
    assert.ok((await call('PATCH')).status >= 400)
    for (const path of ['/signin', '/consent']) assert.equal((await fetch(server.url + path)).status, 405, path)
    assert.equal((await call('POST', { origin: 'http://rebound.example' })).status, 403)
    assert.equal((await call('POST', { 'content-type': 'text/plain' })).status, 400)
  })

  test('thirty at once are all answered', async () => {
    const { access_token } = await connect(server)
    const answers = await times(30, i => tool(server, access_token, 'note_add', { workspace: 'ws_engine', text: `note ${i}` }))
    assert.deepEqual(answers.map(({ status, body }) => [status, body.result.isError]), answers.map(() => [200, false]))
    const { body } = await tool(server, access_token, 'notes_list', { workspace: 'ws_engine' })
    for (let i = 0; i < 30; i++) assert.ok(body.result.structuredContent.notes.includes(`note ${i}`), `note ${i}`)
    await times(30, () => register(server))
  })

  test('clients that are gone before their answer leave the others alone', async () => {
    await times(30, async i => {
      const socket = await connectTo(server)
      socket.write('POST /api/oauth/register HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}'.slice(0, i % 3 ? undefined : 90))
      socket.plain.resetAndDestroy()
    })
    await register(server)
  })

  test('it ends cleanly on SIGTERM, whoever keeps a connection open, and has logged no secret', async () => {
    const idle = (await connectTo(server)).on('error', () => {})
    idle.write('GET /mcp HTTP/1.1\r\nHost: x\r\n\r\n')
    await once(idle, 'data')
    await server.stop()
    idle.destroy()
    for (const secret of seen) assert.ok(secret.length < 20 || !server.log().includes(secret))
  })
}

describe('hosts', { concurrency: true }, () => {
  for (const host of [...hosts, ...proxies]) describe(host.name, { concurrency: false }, () => flow(host))
})
