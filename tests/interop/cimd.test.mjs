// Clients that bring their own metadata document: fetched by libistauth-curl in the example server, from
// a TLS server on this machine.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { authorize, decide, openBrowser, openConsent, openWindow, screenshot } from '../lib/browser.mjs'
import { Host } from '../lib/host.mjs'
import { authorization, listen, redeem, refresh, rpc, tool } from '../lib/oauth.mjs'
import { authority, publisher } from '../lib/publisher.mjs'
import { root, startServer } from '../lib/server.mjs'

const axe = fs.readFileSync(path.join(root, 'tests/node_modules/axe-core/axe.min.js'), 'utf8')

let browser, ca
before(async () => { browser = await openBrowser(); ca = authority() })
after(async () => { await browser?.close(); ca?.remove() })

// A server that takes documents of this machine, a publisher, a client's listener and a window.
async function setting(t, ...options) {
  const server = await startServer('--document-ca', ca.file, '--document-loopback', ...options)
  t.after(server.stop)
  const publishes = await publisher(ca)
  t.after(publishes.close)
  const listener = await listen()
  t.after(listener.close)
  const context = await openWindow(browser)
  t.after(() => context.close())
  return { server, publishes, listener, page: await context.newPage() }
}

const native = { client_name: 'Difference Engine', redirect_uris: ['http://127.0.0.1/callback'], token_endpoint_auth_method: 'none' }

// What a client with this URL asks for.
const request = ({ server, listener }, url) => authorization(server, { client_id: url, redirect_uris: [listener.url] })

const metadata = async server => (await fetch(`${server.url}/.well-known/oauth-authorization-server`)).json()

test('a client with a metadata document goes the whole way', async t => {
  const set = await setting(t)
  const { server, publishes, listener, page } = set
  assert.equal((await metadata(server)).client_id_metadata_document_supported, true)
  const url = publishes.publish('/oauth/client.json', native)
  const asked = request(set, url)

  const answer = await authorize(page, asked, listener)
  assert.equal(answer.get('iss'), server.url)
  const first = await redeem(server, asked, answer.get('code'))
  assert.equal(first.status, 200)
  const second = await refresh(server, { client_id: url }, first.body.refresh_token)
  assert.equal(second.status, 200)
  const used = await tool(server, second.body.access_token, 'list_workspaces')
  assert.equal(used.status, 200)
  assert.match(JSON.stringify(used.body), /ws_engine/)

  assert.equal(publishes.requests.length, 1, 'the document was fetched once')
  const [{ headers }] = publishes.requests
  assert.equal(headers.accept, 'application/json')
  assert.match(headers['user-agent'], /^libistauth\/\d/)
  for (const name of ['cookie', 'authorization', 'referer']) assert.equal(headers[name], undefined)

  await page.goto(`${server.url}/settings/apps`)
  await page.getByText(`127.0.0.1:${publishes.port}`).waitFor()
  await page.getByLabel('Disconnect Difference Engine').click()
  await page.getByRole('button', { name: 'Disconnect' }).click()
  await page.waitForURL(/\/settings\/apps/)
  assert.equal((await rpc(server, second.body.access_token, 'tools/list')).status, 401)
  assert.match(server.log(), /event document_fetched client=https:\/\/127\.0\.0\.1:\d+\/oauth\/client\.json\n/)
})

test('the consent page says what is proven, and what is not', async t => {
  const set = await setting(t)
  const { publishes, page } = set
  const host = `127.0.0.1:${publishes.port}`

  await openConsent(page, request(set, publishes.publish('/native.json', { ...native, client_uri: 'https://claude.ai' })).url)
  await page.getByText(`It says it is an app of ${host}, as any program on this computer could`).waitFor()
  await page.getByText('Your answer goes to a program on this computer').waitFor()
  assert.equal(await page.getByText('claude.ai').count(), 0, 'what it says of itself does not stand beside it')
  await screenshot(page, 'consent-document-native')
  await page.evaluate(axe)
  const { violations } = await page.evaluate(() => window.axe.run())
  assert.deepEqual(violations.map(violation => violation.id), [])

  const web = publishes.publish('/web.json', { client_name: 'Web app', redirect_uris: ['https://app.example/callback'] })
  await page.goto(authorization(set.server, { client_id: web, redirect_uris: ['https://app.example/callback'] }).url)
  await page.getByText(`It is published by ${host}; that much is checked`).waitFor()
  await page.getByText('Your answer will be sent to app.example').waitFor()
  assert.equal(await page.getByText('any program on this computer').count(), 0)
  await screenshot(page, 'consent-document-web')
})

for (const [generation, clientOptions] of [['v1', {}], ['v2', { versionNegotiation: { mode: 'auto' } }]])
  test(`the SDK ${generation} uses its document and does not register`, async t => {
    const { server, publishes, listener, page } = await setting(t, '--access-ttl', 2)
    const host = new Host(generation, server, listener, page, { clientOptions })
    t.after(() => host.close())
    host.provider.clientMetadataUrl = publishes.publish('/oauth/sdk.json', { ...host.provider.clientMetadata, redirect_uris: ['http://127.0.0.1/callback'] })

    await host.connect({ access: 'mcp', workspaces: ['ws_engine'] })
    assert.equal(host.provider.client.client_id, host.provider.clientMetadataUrl)
    assert.equal(host.calls('/api/oauth/register').length, 0)
    const text = result => result.content.map(part => part.text ?? '').join('\n')
    assert.match(text(await host.call('list_workspaces')), /ws_engine/)
    await new Promise(resolve => setTimeout(resolve, 2600))
    assert.match(text(await host.call('list_workspaces')), /ws_engine/, 'it refreshes by itself')
    assert.equal(host.visits, 1)
    assert.equal(publishes.requests.length, 1)
  })

// A place where nobody may call: its port, and how many did.
async function trap(t) {
  let calls = 0
  const server = net.createServer(socket => { calls++; socket.destroy() }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return { port: server.address().port, calls: () => calls }
}

const ask = async (set, url) => {
  const response = await fetch(request(set, url).url, { redirect: 'manual' })
  return { status: response.status, location: response.headers.get('location'), type: response.headers.get('content-type') }
}
const refused = { status: 400, location: null, type: 'text/html; charset=utf-8' }

describe('documents that are refused get a page', () => {
  const json = { 'content-type': 'application/json' }
  const answer = (status, headers, body) => (_, response) => { response.writeHead(status, headers); response.end(body) }
  const bad = {
    'of another client': p => ({ ...native, client_id: `${p.base}/other.json` }),
    'without a name': () => ({ redirect_uris: native.redirect_uris }),
    'without redirect URIs': () => ({ client_name: 'Nobody' }),
    'with a secret': () => ({ ...native, client_secret: 'not a secret' }),
    'that need a shared secret': () => ({ ...native, token_endpoint_auth_method: 'client_secret_post' }),
    'that need a key and have none': () => ({ ...native, token_endpoint_auth_method: 'private_key_jwt' }),
    'with keys inside of a network': () => ({ ...native, token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'https://169.254.169.254/keys' }),
    'with a script for a logo': () => ({ ...native, logo_uri: 'javascript:alert(1)' }),
    'that are no JSON': () => answer(200, json, '<html>'),
    'of the wrong type': p => answer(200, { 'content-type': 'text/html' }, JSON.stringify({ ...native, client_id: `${p.base}/bad.json` })),
    'over 5 KB': p => answer(200, json, JSON.stringify({ ...native, client_id: `${p.base}/bad.json`, padding: 'x'.repeat(5120) })),
    'without end': () => (_, response) => { response.writeHead(200, json); const timer = setInterval(() => response.write('x'.repeat(4096)), 5); response.on('close', () => clearInterval(timer)) },
    'that are gone': () => answer(404, json, '{}'),
  }
  for (const [title, page] of Object.entries(bad))
    test(title, async t => {
      const set = await setting(t)
      const url = set.publishes.publish('/bad.json', page(set.publishes))
      assert.deepEqual(await ask(set, url), refused)
      assert.equal(set.publishes.requests.length, 1)
      set.publishes.publish('/bad.json', native)
      assert.equal((await ask(set, url)).status, 200, 'and the failure is not remembered')
    })

  test('that redirect, and nobody follows', async t => {
    const set = await setting(t)
    const { port, calls } = await trap(t)
    for (const status of [301, 302, 303, 307, 308])
      for (const location of [`http://127.0.0.1:${port}/`, `https://127.0.0.1:${port}/`, `${set.publishes.base}/good.json`]) {
        set.publishes.publish('/good.json', native)
        const url = set.publishes.publish('/moved.json', answer(status, { location }))
        assert.deepEqual(await ask(set, url), refused)
      }
    assert.equal(calls(), 0)
    assert.ok(set.publishes.requests.every(({ path }) => path === '/moved.json'))
  })

  test('that take too long, with 503', async t => {
    const set = await setting(t)
    const url = set.publishes.publish('/slow.json', (_, response) => { response.writeHead(200, json); response.write('{') })
    const started = Date.now()
    assert.equal((await ask(set, url)).status, 503)
    assert.ok(Date.now() - started < 8000)
  })
})

describe('without its switches', () => {
  test('nothing on this machine is fetched', async t => {
    const server = await startServer('--document-ca', ca.file)
    t.after(server.stop)
    const { port, calls } = await trap(t)
    const set = { server, listener: { url: 'http://127.0.0.1:1/callback' } }
    const hosts = ['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '0.0.0.0', '127.1', '2130706433', '0x7f000001', 'localhost.', 'app.localhost', '169.254.169.254', '10.0.0.1']
    for (const host of hosts)
      for (const scheme of ['https', 'http'])
        assert.deepEqual(await ask(set, `${scheme}://${host}:${port}/client.json`), refused, `${scheme}://${host}`)
    assert.equal(calls(), 0)
  })

  test('the test authority is not trusted', async t => {
    const server = await startServer('--document-loopback')
    t.after(server.stop)
    const publishes = await publisher(ca)
    t.after(publishes.close)
    const url = publishes.publish('/client.json', native)
    assert.deepEqual(await ask({ server, listener: { url: 'http://127.0.0.1:1/callback' } }, url), refused)
    assert.equal(publishes.connections(), 1)
    assert.equal(publishes.requests.length, 0, 'not a byte of a request')
  })
})

test('a copy outlives no-store by a minute, so that a consent can be answered', async t => {
  const set = await setting(t)
  const { server, publishes, listener, page } = set
  const short = document => (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    response.end(JSON.stringify(document))
  }
  const url = `${publishes.base}/client.json`
  publishes.publish('/client.json', short({ ...native, client_id: url }))
  const asked = request(set, url)
  await openConsent(page, asked.url)
  const answer = listener.answer(asked)
  await decide(page, { workspaces: ['ws_engine'] })
  const { status } = await redeem(server, asked, (await answer).get('code'))
  assert.equal(status, 200)
  publishes.publish('/client.json', short({ ...native, client_id: url, redirect_uris: ['https://app.example/new'] }))
  assert.equal((await ask(set, url)).status, 200, 'the copy is still good')
  assert.equal(publishes.requests.length, 1)
})
