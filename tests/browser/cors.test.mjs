// A client that lives in a browser page of another origin, as MCP Inspector and web chat clients
// do: it can do everything that OAuth and MCP need, and nothing else.
import assert from 'node:assert/strict'
import crypto from 'node:crypto'
import { after, before, test } from 'node:test'
import { authorize, openBrowser, openWindow } from '../lib/browser.mjs'
import { listen } from '../lib/oauth.mjs'
import { remember, rememberAll } from '../lib/secrets.mjs'
import { startServer } from '../lib/server.mjs'

let browser, server, client, page
before(async () => {
  browser = await openBrowser()
  server = await startServer()
  client = await listen()
  page = await (await openWindow(browser)).newPage()
  await page.goto(client.url)
})
after(async () => {
  await browser.close()
  await client.close()
  await server.stop()
})

// fetch() as the page may use it: what it can see of the answer, or "blocked".
const ask = (path, init = {}) => page.evaluate(async ([url, init]) => {
  try {
    const response = await fetch(url, init)
    return { status: response.status, challenge: response.headers.get('www-authenticate'), text: await response.text() }
  } catch {
    return 'blocked'
  }
}, [new URL(path, server.url).href, init])

const json = answer => JSON.parse(answer.text)
const message = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' })
const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream', 'mcp-protocol-version': '2025-11-25' }

test('a client in a page of another origin can discover, register, redeem, call, refresh and revoke', async () => {
  const refused = await ask('/mcp', { method: 'POST', headers, body: message })
  assert.equal(refused.status, 401)
  const [, where] = /resource_metadata="([^"]+)"/.exec(refused.challenge)
  const resource = json(await ask(where, { headers: { 'mcp-protocol-version': '2025-11-25' } }))
  assert.equal(resource.resource, server.mcp)
  const metadata = json(await ask(`${resource.authorization_servers[0]}/.well-known/oauth-authorization-server`, { headers: { 'mcp-protocol-version': '2025-11-25' } }))
  const registered = json(await ask(metadata.registration_endpoint, {
    method: 'POST', headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ client_name: 'In a page', redirect_uris: [client.url], token_endpoint_auth_method: 'none', grant_types: ['authorization_code', 'refresh_token'] }),
  }))

  const verifier = remember(crypto.randomBytes(32).toString('base64url')), state = 'in-a-page'
  const url = `${metadata.authorization_endpoint}?${new URLSearchParams({
    response_type: 'code', client_id: registered.client_id, redirect_uri: client.url, scope: 'mcp', state,
    code_challenge: crypto.createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256',
  })}`
  const answer = await authorize(page, { url, state }, client)
  await page.waitForURL(`${client.url}**`)

  const post = (url, form) => ask(url, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: String(new URLSearchParams({ client_id: registered.client_id, ...form })) })
  const first = rememberAll(json(await post(metadata.token_endpoint, { grant_type: 'authorization_code', code: answer.get('code'), redirect_uri: client.url, code_verifier: verifier })))
  const { access_token, refresh_token } = rememberAll(json(await post(metadata.token_endpoint, { grant_type: 'refresh_token', refresh_token: first.refresh_token })))
  const call = () => ask('/mcp', { method: 'POST', headers: { ...headers, authorization: `Bearer ${access_token}` }, body: message })
  assert.ok(json(await call()).result.tools.length > 10)
  assert.equal((await post(metadata.revocation_endpoint, { token: refresh_token })).status, 200)
  assert.equal((await call()).status, 401)
})

test('BE-19 an OPTIONS request is answered without a token, a HEAD request with the challenge', async () => {
  const options = await fetch(server.mcp, { method: 'OPTIONS', headers: { origin: 'https://client.example', 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization, content-type, mcp-protocol-version, mcp-method, mcp-name, last-event-id' } })
  assert.equal(options.status, 204)
  const head = await fetch(server.mcp, { method: 'HEAD' })
  assert.equal(head.status, 401)
  assert.match(head.headers.get('www-authenticate'), /^Bearer resource_metadata="/)
})

test('a page of another origin can neither read nor use the person\'s session', async () => {
  for (const path of ['/settings/apps', '/settings/tokens', '/login', '/oauth/authorize'])
    for (const credentials of ['omit', 'include'])
      assert.equal(await ask(path, { credentials }), 'blocked', path)
  const response = await fetch(`${server.url}/settings/apps`, { redirect: 'manual', headers: { origin: 'https://evil.example' } })
  assert.equal(response.headers.get('access-control-allow-origin'), null)
  const mcp = await fetch(server.mcp, { method: 'OPTIONS', headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' } })
  assert.equal(mcp.headers.get('access-control-allow-credentials'), null)
})
