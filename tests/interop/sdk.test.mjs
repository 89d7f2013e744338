// The official MCP TypeScript SDK, both generations, given nothing but the address of the MCP
// server; a person in headless Chromium presses the buttons.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openBrowser, openWindow } from '../lib/browser.mjs'
import { Host } from '../lib/host.mjs'
import { Row, versionOf } from '../lib/matrix.mjs'
import { listen, refresh } from '../lib/oauth.mjs'
import { startServer } from '../lib/server.mjs'

const revisions = {
  v1: { version: '2025-11-25', clientOptions: {} },
  v2: { version: '2026-07-28', clientOptions: { versionNegotiation: { mode: 'auto' } } },
}

let browser
before(async () => { browser = await openBrowser() })
after(() => browser.close())

// A server, a browser window and a host application, closed when the test ends.
async function setting(t, generation, ...options) {
  const server = await startServer(...options)
  t.after(server.stop)
  const listener = await listen()
  t.after(listener.close)
  const context = await openWindow(browser)
  t.after(() => context.close())
  const page = await context.newPage()
  const host = new Host(generation, server, listener, page, { clientOptions: revisions[generation].clientOptions })
  t.after(() => host.close())
  return { server, host, page }
}

// What docs/client-matrix.md says of them.
const rows = {
  v1: new Row({ id: 'sdk_v1', name: 'MCP TypeScript SDK, version 1', version: versionOf('@modelcontextprotocol/sdk'), how: 'real', registration: 'DCR, document', quick: true }),
  v2: new Row({ id: 'sdk_v2', name: 'MCP TypeScript SDK, version 2', version: versionOf('@modelcontextprotocol/client'), how: 'real', registration: 'DCR, document', quick: true }),
}

const textOf = result => result.content.map(part => part.text ?? '').join('\n')
const refreshes = host => host.calls('/api/oauth/token').filter(call => call.form.grant_type === 'refresh_token')
const full = { access: 'mcp', workspaces: ['ws_engine'] }
const readOnly = { access: 'mcp:read', workspaces: ['ws_engine'] }

for (const [generation, { version }] of Object.entries(revisions)) {
  describe(`SDK ${generation}`, () => {
    test('goes from a 401 to its first tool call by discovery, registration and consent', async t => {
      const { host } = await setting(t, generation)
      await host.connect(full)

      const paths = host.exchanges.map(exchange => exchange.path)
      assert.equal(paths[0], '/mcp')
      assert.equal(host.exchanges[0].status, 401)
      for (const path of ['/.well-known/oauth-protected-resource/mcp', '/.well-known/oauth-authorization-server', '/api/oauth/register', '/api/oauth/token'])
        assert.ok(paths.includes(path), `${path} was asked for`)
      assert.equal(host.transport.protocolVersion ?? host.client.getNegotiatedProtocolVersion(), version)
      assert.deepEqual(host.provider.saved.scope.split(' '), ['mcp'])
      assert.equal(host.provider.saved.token_type, 'Bearer')
      assert.equal(host.visits, 1, 'the person was asked once')

      const { tools } = await host.client.listTools()
      const names = tools.map(tool => tool.name)
      for (const name of ['list_workspaces', 'list_cards', 'create_card', 'get_chat_history', 'post_chat_message'])
        assert.ok(names.includes(name), `${name} is offered`)

      const workspaces = textOf(await host.call('list_workspaces'))
      assert.match(workspaces, /ws_engine/)
      assert.doesNotMatch(workspaces, /ws_notes|ws_home|ws_compilers/)

      const made = await host.call('create_card', { workspace: 'ws_engine', title: 'Punch the cards' })
      assert.ok(!made.isError, textOf(made))
      assert.match(textOf(await host.call('list_cards', { workspace: 'ws_engine' })), /Punch the cards/)
      rows[generation].saw('connect', 'yes')
    })

    test('is refused a workspace that the person did not tick', async t => {
      const { host } = await setting(t, generation)
      await host.connect(full)
      for (const [name, args] of [['list_cards', {}], ['create_card', { title: 'Intruder' }]])
        for (const workspace of ['ws_notes', 'ws_home', 'ws_navy', 'nowhere'])
          await assert.rejects(() => host.call(name, { workspace, ...args }), error => {
            const last = host.calls('/mcp').at(-1)
            assert.equal(last.status, 403, workspace)
            assert.equal(last.challenge, null, 'no scope would help')
            return !(error instanceof host.Unauthorized)
          })
      assert.equal(host.visits, 1, 'the person is not asked again')
    })

    test('refreshes by itself when its access token has expired', async t => {
      const { host } = await setting(t, generation, '--access-ttl', 2)
      await host.connect(full)
      const first = host.provider.saved
      assert.equal(first.expires_in, 2)
      await sleep(2600)

      const result = await host.call('list_workspaces')
      assert.match(textOf(result), /ws_engine/)
      assert.deepEqual(refreshes(host).map(call => call.status), [200])
      assert.notEqual(host.provider.saved.access_token, first.access_token)
      assert.notEqual(host.provider.saved.refresh_token, first.refresh_token, 'a public client gets a new one each time')
      assert.equal(host.visits, 1, 'the person was not disturbed')
      rows[generation].saw('refresh', 'yes; with a retry window also several at once')
    })

    test('is cut off at once when the person disconnects it in the settings', async t => {
      const { host, page, server } = await setting(t, generation)
      await host.connect(full)
      assert.match(textOf(await host.call('list_workspaces')), /ws_engine/)

      await page.goto(`${server.url}/settings/apps`)
      await page.getByLabel(`Disconnect ${host.name}`).click()
      await page.getByRole('button', { name: 'Disconnect' }).click()
      await page.waitForURL(/\/settings\/apps/)

      host.exchanges.length = 0
      await assert.rejects(() => host.call('list_workspaces'), host.Unauthorized)
      assert.equal(host.calls('/mcp').find(call => call.method === 'POST').status, 401)
      const [call] = refreshes(host)
      assert.equal(call.status, 400)
      assert.equal(call.body.error, 'invalid_grant')
      assert.ok(host.provider.forgotten.includes('tokens'), 'the SDK forgot its tokens')
      assert.ok(!host.provider.forgotten.includes('all'), 'but not its registration')

      await host.withPerson(() => host.call('list_workspaces'), full)
      assert.equal(host.visits, 2, 'and the person can connect it again')
      rows[generation].saw('revoke', 'asks the person again, under the same registration')
    })
  })
}

// RF-04: what a retry window is for, with an SDK that neither queues its refreshes nor repeats them.
describe('five calls at once after the access token has expired', () => {
  const calls = host => Promise.allSettled(Array.from({ length: 5 }, () => host.call('list_workspaces')))

  // All five are refused before one of them refreshes. SDK v1 gives up a call whose 401 comes later than
  // another's refresh (a flag of its transport), and no server can help it.
  function refuseTogether(host) {
    const plain = host.fetch, waiting = []
    let refused = Infinity
    host.fetch = async (url, init) => {
      const response = await plain(url, init)
      if (response.status === 401 && ++refused <= 5) {
        await new Promise(go => waiting.push(go) === 5 && waiting.forEach(each => each()))
      }
      return response
    }
    return () => { refused = 0 }
  }

  for (const generation of Object.keys(revisions)) {
    test(`SDK ${generation}: with a retry window all of them succeed`, async t => {
      const { host } = await setting(t, generation, '--access-ttl', 2, '--refresh-retry-window', 30)
      const now = refuseTogether(host)
      await host.connect(full)
      await sleep(2600)
      host.exchanges.length = 0
      now()
      for (const { status, value, reason } of await calls(host)) {
        assert.equal(status, 'fulfilled', String(reason))
        assert.match(textOf(value), /ws_engine/)
      }
      const answers = refreshes(host)
      assert.ok(answers.every(call => call.status === 200), 'each refresh was answered')
      assert.equal(new Set(answers.map(call => call.body.refresh_token)).size, 1, 'with one and the same pair')
      assert.equal(host.visits, 1)
      t.diagnostic(`${answers.length} refreshes for five calls`)
      await sleep(2600)
      assert.match(textOf(await host.call('list_workspaces')), /ws_engine/, 'and the connection goes on')
    })

    test(`SDK ${generation}: a refresh whose response is lost is repeated with success`, async t => {
      const { host } = await setting(t, generation, '--access-ttl', 2, '--refresh-retry-window', 30)
      await host.connect(full)
      await sleep(2600)
      const lossy = host.fetch
      let lost
      host.fetch = async (url, init) => {
        const response = await lossy(url, init)
        if (lost || init?.body?.get?.('grant_type') !== 'refresh_token') return response
        lost = await response.json()
        throw new TypeError('fetch failed: the connection was closed')
      }
      await assert.rejects(() => host.reopen())
      assert.ok(lost?.refresh_token, 'the server had answered')
      await host.reopen()
      assert.match(textOf(await host.call('list_workspaces')), /ws_engine/)
      assert.equal(host.provider.saved.refresh_token, lost.refresh_token, 'it was given what had got lost')
      assert.equal(host.visits, 1)
    })

    test(`SDK ${generation}: without one a lost response costs the connection`, async t => {
      const { host, server } = await setting(t, generation, '--access-ttl', 2)
      await host.connect(full)
      await sleep(2600)
      const first = await refresh(server, host.provider.client, host.provider.saved.refresh_token)
      assert.equal(first.status, 200) // nobody told the SDK
      await assert.rejects(() => host.call('list_workspaces'), host.Unauthorized)
      assert.equal(refreshes(host).at(-1).body.error, 'invalid_grant')
      assert.equal((await refresh(server, host.provider.client, first.body.refresh_token)).status, 400, 'and the family is dead')
      await host.withPerson(() => host.call('list_workspaces'), full)
      assert.equal(host.visits, 2, 'the person connects it again')
    })
  }
})

describe('a connection that may only read', () => {
  test('SDK v2 steps up through the browser when it wants to write, and the write succeeds', async t => {
    const { host } = await setting(t, 'v2')
    await host.connect(readOnly)
    assert.equal(host.provider.saved.scope, 'mcp:read')
    assert.ok(!(await host.call('list_cards', { workspace: 'ws_engine' })).isError)

    host.exchanges.length = 0
    const write = () => host.call('create_card', { workspace: 'ws_engine', title: 'Stepped up' })
    const made = await host.withPerson(write, full)
    assert.ok(!made.isError, textOf(made))
    const [refusal] = host.calls('/mcp').filter(call => call.method === 'POST')
    assert.equal(refusal.status, 403)
    assert.match(refusal.challenge, /^Bearer .*error="insufficient_scope"/)
    assert.match(refusal.challenge, /scope="mcp"/)
    assert.equal(refreshes(host).length, 0, 'a refresh could not have widened the grant')
    assert.equal(host.calls('/api/oauth/register').length, 0, 'under the same client_id')
    assert.match(new URL(host.provider.authorizationUrl).searchParams.get('scope'), /\bmcp\b(?!:)/)
    assert.equal(host.provider.saved.scope, 'mcp')
    assert.equal(host.visits, 2)
    assert.match(textOf(await host.call('list_cards', { workspace: 'ws_engine' })), /Stepped up/)
    rows.v2.saw('step_up', 'yes, it asks the person for more')
  })

  test('SDK v1 refreshes instead, so that its host lets go of the refresh token and steps up', async t => {
    const { host } = await setting(t, 'v1')
    await host.connect(readOnly)
    const write = () => host.call('create_card', { workspace: 'ws_engine', title: 'Stepped up' })

    // What the SDK does alone: it refreshes, gets no more than before, and gives up after one retry.
    host.exchanges.length = 0
    await assert.rejects(write, error => error.code === 403)
    assert.deepEqual(refreshes(host).map(call => [call.status, call.body.scope]), [[200, 'mcp:read']])
    assert.deepEqual(host.calls('/mcp').filter(call => call.method === 'POST').map(call => call.status), [403, 403])

    // What a host does about it: a connection without the refresh token asks the person.
    host.provider.hideRefreshToken = true
    await host.reopen()
    host.exchanges.length = 0
    const made = await host.withPerson(write, full)
    assert.ok(!made.isError, textOf(made))
    assert.equal(host.calls('/api/oauth/register').length, 0, 'under the same client_id')
    assert.equal(host.provider.saved.scope, 'mcp')
    assert.equal(host.visits, 2)
    rows.v1.saw('step_up', 'when its host lets go of the refresh token')
  })

  test('stays read-only when the person does not give more', async t => {
    const { host } = await setting(t, 'v2')
    await host.connect(readOnly)
    const write = () => host.call('create_card', { workspace: 'ws_engine', title: 'Never' })
    await assert.rejects(() => host.withPerson(write, readOnly), host.Unauthorized, 'it would ask once more')
    assert.equal(host.visits, 2)
    assert.equal(host.provider.saved.scope, 'mcp:read')
    assert.doesNotMatch(textOf(await host.call('list_cards', { workspace: 'ws_engine' })), /Never/)
  })
})

describe('the SDK\'s view of a refusal', () => {
  test('a person who presses Cancel ends the attempt with access_denied, and no token exists', async t => {
    const { host } = await setting(t, 'v2')
    await assert.rejects(() => host.connect({ decision: 'deny' }), error => error.code === 'access_denied')
    assert.equal(host.calls('/api/oauth/token').length, 0)
    assert.equal(host.provider.saved, undefined)
  })

  test('a registration that the server does not know is dropped and made anew', async t => {
    const { host } = await setting(t, 'v2')
    await host.connect(full)
    const known = host.provider.client.client_id
    host.provider.client = { ...host.provider.client, client_id: 'unknown' }
    host.provider.saved = { ...host.provider.saved, access_token: 'ist_at_gone' }
    await host.withPerson(() => host.call('list_workspaces'), full)
    assert.ok(host.provider.forgotten.includes('client'))
    assert.notEqual(host.provider.client.client_id, 'unknown')
    assert.notEqual(host.provider.client.client_id, known)
  })
})
