// CO-15: after Allow, Chromium really leaves for the client, whatever kind of address it has. A
// Content-Security-Policy with form-action 'self' would stop it (the last test shows that this
// would be noticed).
import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import { after, before, test } from 'node:test'
import { decide, openBrowser, openBrowserWithPrograms, openConsent, openWindow } from '../lib/browser.mjs'
import { authorization, listen, redeem, register } from '../lib/oauth.mjs'
import { rememberAll } from '../lib/secrets.mjs'
import { startServer } from '../lib/server.mjs'

let browser, server
before(async () => {
  browser = await openBrowser()
  server = await startServer()
})
after(async () => {
  await browser.close()
  await server.stop()
})

const cursor = 'cursor://anysphere.cursor-mcp/oauth/callback'

async function request(redirectUri) {
  return authorization(server, await register(server, { redirect_uris: [redirectUri] }))
}

async function works(asked, address) {
  const { searchParams } = new URL(address)
  rememberAll(searchParams)
  assert.equal(searchParams.get('state'), asked.state)
  assert.equal((await redeem(server, asked, searchParams.get('code'))).status, 200)
}

// Answer every https request of this page with an empty page, without asking the network.
async function playTheWeb(page) {
  const devtools = await page.context().newCDPSession(page)
  devtools.on('Fetch.requestPaused', ({ requestId }) => devtools.send('Fetch.fulfillRequest', {
    requestId, responseCode: 200, responseHeaders: [{ name: 'content-type', value: 'text/html' }],
    body: Buffer.from('<!doctype html><title>Client</title>').toString('base64'),
  }).catch(() => {}))
  await devtools.send('Fetch.enable', { patterns: [{ urlPattern: 'https://*' }] })
}

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? '' : ' without JavaScript'

  test(`CO-15 Chromium leaves for an https address${how}`, async t => {
    const context = await openWindow(browser, { javaScriptEnabled })
    t.after(() => context.close())
    const page = await context.newPage(), asked = await request('https://client.example/callback?kept=1')
    await playTheWeb(page)
    await openConsent(page, asked.url)
    await decide(page, { workspaces: ['ws_engine'] })
    await page.waitForURL('https://client.example/callback**')
    assert.equal(new URL(page.url()).searchParams.get('kept'), '1')
    await works(asked, page.url())
  })

  test(`CO-15 Chromium leaves for a loopback address with a port of its own${how}`, async t => {
    const context = await openWindow(browser, { javaScriptEnabled })
    t.after(() => context.close())
    const page = await context.newPage(), client = await listen()
    t.after(client.close)
    const registered = await register(server, { redirect_uris: ['http://127.0.0.1/callback'] })
    const asked = authorization(server, registered, { redirect_uri: client.url })
    await openConsent(page, asked.url)
    await decide(page, { workspaces: ['ws_engine'] })
    await page.waitForURL(`${client.url}**`)
    await works(asked, page.url())
  })
}

test('CO-15 Chromium hands a private-use scheme to the program behind it, with the code', async t => {
  const chromium = await openBrowserWithPrograms(server.url, 'cursor')
  t.after(chromium.close)
  const page = await chromium.context.newPage(), asked = await request(cursor)
  await openConsent(page, asked.url)
  assert.match(await page.locator('body').innerText(), /cursor:/, 'the page says where the answer goes')
  await decide(page, { workspaces: ['ws_engine'] })
  const opened = await chromium.opened()
  assert.equal(opened.length, 1)
  assert.ok(opened[0].startsWith(`${cursor}?`), opened[0].split('?')[0])
  await works(asked, opened[0])
})

test('a policy with form-action \'self\' would be noticed by the tests above', async t => {
  const strict = http.createServer((request, response) => {
    if (request.method === 'POST') return response.writeHead(303, { location: 'https://client.example/callback' }).end()
    response.writeHead(200, { 'content-type': 'text/html', 'content-security-policy': "form-action 'self'" })
    response.end('<!doctype html><form method=post action=/consent><button>Allow</button></form>')
  }).listen(0, '127.0.0.1')
  await once(strict, 'listening')
  t.after(() => { strict.close(); strict.closeAllConnections() })
  const context = await openWindow(browser)
  t.after(() => context.close())
  const page = await context.newPage()
  await playTheWeb(page)
  await page.goto(`http://127.0.0.1:${strict.address().port}/`)
  const blocked = page.waitForEvent('console', message => /form-action/.test(message.text()))
  await page.getByRole('button').click({ noWaitAfter: true })
  await blocked
  assert.ok(!page.url().startsWith('https://client.example/'))
})
