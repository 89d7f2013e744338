// What strangers can do to the pages, and through them: with their names, with frames, with tokens.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { authorize, decide, openConsent } from '../lib/browser.mjs'
import { authorization, redeem, rpc } from '../lib/oauth.mjs'
import { stage } from '../lib/stage.mjs'

let server, client
const { window, request } = stage(set => { ({ server, client } = set) })

describe('what a stranger\'s text can do to the page', () => {
  const names = {
    'a script': '"><script>document.title="owned"</script>',
    'an attribute': `' onmouseover='document.title="owned"' x='`,
    'an image': '<img src=x onerror=document.title="owned">',
    'the end of the title': '</title><script>document.title="owned"</script>',
    'the end of the style': '</style><h1>Bank</h1>',
    'a template': '{{7*7}}${7*7}<%= 7*7 %>',
    'a backtick': '`"\'><a href=javascript:alert(1)>x</a>',
    'a format': '%s%n%n%x',
  }
  for (const [title, name] of Object.entries(names))
    test(`DC-22 ${title} in client_name adds no element and runs nothing`, async t => {
      const page = await window(t)
      const plain = await request({ client_name: 'Plain name' })
      await openConsent(page, plain.url)
      const elements = () => page.evaluate(() => [...document.querySelectorAll('*')].map(element =>
        [element.tagName, ...element.getAttributeNames()].join(' ')))
      const expected = await elements()
      const requests = []
      page.on('request', one => requests.push(one.url()))
      const asked = await request({ client_name: name })
      await openConsent(page, asked.url)
      assert.deepEqual(await elements(), expected)
      assert.ok((await page.locator('body').innerText()).includes(name), 'the name is shown as it is')
      assert.doesNotMatch(await page.title(), /^owned$/)
      for (const url of requests) assert.ok(url.startsWith(server.url), url)

      const answer = client.answer(asked)
      await decide(page, { workspaces: ['ws_engine'] })
      await redeem(server, asked, (await answer).get('code'))
      await page.goto(`${server.url}/settings/apps`)
      assert.ok((await page.locator('body').innerText()).includes(name), 'in the settings too')
      assert.equal(await page.locator('script, img[src=x], main h1:has-text("Bank")').count(), 0)
    })

  test('DC-23 a name cannot turn the text around it or hide in it', async t => {
    const page = await window(t)
    const response = await fetch(`${server.url}/api/oauth/register`, {
      method: 'POST', headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ client_name: 'Cl\u202eedua\u2066\u200b\nBank', redirect_uris: [client.url], token_endpoint_auth_method: 'none' }),
    })
    const registered = await response.json()
    if (response.status === 400) return assert.equal(registered.error, 'invalid_client_metadata')
    await openConsent(page, authorization(server, registered).url)
    assert.doesNotMatch(await page.content(), /[\u200b-\u200f\u202a-\u202e\u2066-\u2069]/)
  })

  test('DC-25 a logo of the client\'s is not loaded from anywhere', async t => {
    const page = await window(t)
    const requests = []
    page.on('request', one => requests.push(one.url()))
    const asked = await request({ logo_uri: 'https://tracker.example/logo.png', client_uri: 'https://client.example/' })
    await openConsent(page, asked.url)
    for (const url of requests) assert.ok(url.startsWith(server.url), url)
  })

  test('RU-33 the page names where the answer goes and warns of a loopback address', async t => {
    const page = await window(t)
    const web = await request({ redirect_uris: ['https://xn--exmple-cua.example/cb'] })
    await openConsent(page, web.url)
    const text = await page.locator('body').innerText()
    assert.ok(text.includes('xn--exmple-cua.example'), 'in its ASCII form')
    const local = await request()
    await openConsent(page, local.url)
    assert.match(await page.locator('body').innerText(), /127\.0\.0\.1/)
    assert.notEqual(await page.locator('body').innerText(), text)
  })

  test('RU-02 an unknown client or redirect URI ends in a page and never in a redirect', async t => {
    const page = await window(t), asked = await request()
    for (const change of [{ client_id: 'nobody' }, { redirect_uri: 'https://evil.example/' }, { redirect_uri: `${client.url}/../evil` }]) {
      const url = new URL(asked.url)
      for (const [name, value] of Object.entries(change)) url.searchParams.set(name, value)
      const response = await page.goto(String(url))
      assert.equal(response.status(), 400)
      assert.equal(page.url(), String(url), 'no redirect')
      assert.equal(await page.locator('form[action="/oauth/consent"]').count(), 0)
    }
  })
})

describe('headers', () => {
  const pages = ['/login', '/settings', '/settings/apps', '/settings/tokens', '/oauth/authorize', '/nowhere']

  test('CO-14 CO-16 CD-09 every page forbids framing, foreign content, scripts it does not know and referrers', async t => {
    const page = await window(t), asked = await request()
    await openConsent(page, asked.url)
    for (const path of [...pages, asked.url]) {
      const response = await page.goto(new URL(path, server.url).href)
      const headers = response.headers()
      const where = `${response.status()} ${path}`.slice(0, 60)
      assert.equal(headers['x-frame-options'], 'DENY', where)
      assert.equal(headers['x-content-type-options'], 'nosniff', where)
      assert.equal(headers['referrer-policy'], 'no-referrer', where)
      assert.match(headers['cache-control'], /no-store/, where)
      assert.match(headers['content-type'], /^text\/html; ?charset=utf-8$/i, where)
      const policy = Object.fromEntries(headers['content-security-policy'].split(';').map(part => {
        const [name, ...values] = part.trim().split(/\s+/)
        return [name, values.join(' ')]
      }))
      assert.equal(policy['default-src'], "'none'", where)
      assert.equal(policy['frame-ancestors'], "'none'", where)
      assert.equal(policy['base-uri'], "'none'", where)
      assert.ok(!('form-action' in policy), `${where}: CO-15`)
      assert.doesNotMatch(headers['content-security-policy'], /unsafe-(inline|eval)|\*/, where)
    }
  })

  test('CO-14 another site cannot frame the consent page', async t => {
    const page = await window(t), asked = await request()
    await openConsent(page, asked.url)
    await page.goto(client.url)
    const refused = page.waitForEvent('console', message => /frame/i.test(message.text()))
    await page.setContent(`<iframe src="${asked.url.replaceAll('&', '&amp;')}"></iframe>`)
    await refused
    assert.equal(await page.frames()[1]?.locator('form').count().catch(() => 0), 0)
  })
})

test('BE-06 a token in the query or in the body opens nothing', async t => {
  const page = await window(t), asked = await request()
  const answer = await authorize(page, asked, client)
  const { body: { access_token } } = await redeem(server, asked, answer.get('code'))
  const message = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' })
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
  const query = await fetch(`${server.mcp}?access_token=${access_token}`, { method: 'POST', headers, body: message })
  assert.equal(query.status, 401)
  const form = await fetch(server.mcp, { method: 'POST', body: new URLSearchParams({ access_token }) })
  assert.equal(form.status, 401)
})

test('BE-14 a token of the MCP server opens no page of the account', async t => {
  const page = await window(t), asked = await request()
  const answer = await authorize(page, asked, client, { access: 'mcp', workspaces: ['ws_engine'] })
  const { body } = await redeem(server, asked, answer.get('code'))
  assert.equal((await rpc(server, body.access_token, 'tools/list')).status, 200, 'it is alive')
  for (const path of ['/settings', '/settings/apps', '/settings/tokens']) {
    const response = await fetch(server.url + path, { redirect: 'manual', headers: { authorization: `Bearer ${body.access_token}` } })
    const text = await response.text()
    assert.ok([302, 303, 401, 403].includes(response.status), `${path}: ${response.status}`)
    assert.doesNotMatch(text, /Test Client/)
  }
  const consent = await fetch(asked.url, { redirect: 'manual', headers: { authorization: `Bearer ${body.access_token}` } })
  assert.doesNotMatch(await consent.text(), /name="?ticket/)
})
