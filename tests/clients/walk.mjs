// The walk that every client takes, whatever it is: connect, refresh, step up, be cut off. What it does is
// read in the server's log, never believed; `expected` says what the matrix then shows.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openBrowser, openWindow } from '../lib/browser.mjs'
import { Desk } from '../lib/desk.mjs'
import { Row } from '../lib/matrix.mjs'
import { startServer } from '../lib/server.mjs'

const readOnly = { access: 'mcp:read', workspaces: ['ws_engine'] }
const full = { access: 'mcp', workspaces: ['ws_engine'] }
const ttl = 3
const patience = { timeout: 300_000 } // some are large programs that start for every call

// How often each event stands in the log.
const count = (server, event) => server.log().split(` event ${event} `).length - 1
const state = ({ server, desk }) => ({
  registered: count(server, 'registered'), consented: count(server, 'consented'), refreshed: count(server, 'refreshed'), asked: desk.opened.length,
})

async function disconnect({ server, desk }) {
  const page = await desk.window.newPage()
  await page.goto(`${server.url}/settings/apps`)
  for (let left = await page.getByLabel(/^Disconnect /).count(); left; left--) {
    await page.getByLabel(/^Disconnect /).first().click()
    await page.getByRole('button', { name: 'Disconnect' }).click()
    await page.waitForURL(/\/settings\/apps($|\?)/)
  }
  assert.equal(await page.getByLabel(/^Disconnect /).count(), 0)
  await page.close()
}

// The tool's answer, or what went wrong.
async function attempt(client, tool, args) {
  try {
    return { text: await client.call(tool, args) }
  } catch (error) {
    return { error: String(error.message ?? error) }
  }
}

// `open(desk, server)` gives { call(tool, arguments), again?(), close?() }: call() gives the answer's text or throws, and
// signs in when it has to; again() is what a person does when the client says that it is signed out.
export function walk({ options: always = [], window: retry, ...fields }, open, expected) {
  const row = new Row({ how: 'real', registration: 'DCR', ...fields })
  let browser
  before(async () => { browser = await openBrowser() })
  after(() => browser.close())

  async function setting(t, choice, ...options) {
    const server = await startServer(...always, ...options)
    t.after(server.stop)
    const window = await openWindow(browser)
    t.after(() => Promise.race([window.close(), sleep(5000)])) // a tab may wait for a client that has ended
    const desk = await new Desk(window, choice).open()
    t.after(() => desk.close())
    const set = { server, desk }
    set.client = await open(desk, server)
    t.after(() => set.client.close?.())
    return set
  }

  async function connects({ client, server, desk }) {
    const answer = await attempt(client, 'list_workspaces')
    await desk.busy
    assert.match(answer.text ?? '', /ws_engine/, `${answer.error}\n${server.log()}`)
  }

  describe(row.fields.name, () => {
    test('connects by itself, and calls a tool', patience, async t => {
      const set = await setting(t, full)
      await connects(set)
      assert.deepEqual({ ...state(set), registered: 1, refreshed: 0, asked: 1 }, { registered: 1, consented: 1, refreshed: 0, asked: 1 })
      assert.match(set.server.log(), /request POST \/mcp 200/)
      assert.ok(count(set.server, 'registered') > 0, 'it registered')
      assert.equal(set.desk.answer.get('iss'), set.server.url)
      row.saw('connect', 'yes')
    })

    test('refreshes without disturbing the person', patience, async t => {
      const set = await setting(t, full, '--access-ttl', ttl, ...retry ? ['--refresh-retry-window', 30] : [])
      await connects(set)
      await sleep(ttl * 1000 + 600)
      await connects(set)
      assert.ok(state(set).refreshed > 0, set.server.log())
      assert.equal(state(set).asked, 1)
      row.saw('refresh', retry ?? 'yes')
    })

    test('wants to write with a connection that may only read', patience, async t => {
      const set = await setting(t, readOnly)
      await connects(set)
      set.desk.choice = full
      const first = state(set)
      const write = () => attempt(set.client, 'create_card', { workspace: 'ws_engine', title: 'Stepped up' })
      const answer = await write()
      await set.desk.busy
      assert.match(set.server.log(), /request POST \/mcp 403/)
      const then = state(set)
      let seen
      if (answer.text && then.asked > first.asked) {
        seen = 'yes, it asks the person for more'
      } else {
        assert.ok(answer.error, 'a write without the scope')
        assert.equal(then.asked, first.asked)
        await set.client.again?.({ leave: true })
        const next = await write()
        seen = /did not end/.test(answer.error) ? 'the call never ends' : 'the call fails'
        if (next.text && state(set).asked > first.asked) seen += '; after a new sign-in it succeeds'
      }
      if (/succeeds|^yes/.test(seen)) assert.match((await attempt(set.client, 'list_cards', { workspace: 'ws_engine' })).text ?? '', /Stepped up/)
      assert.equal(seen, expected.step_up, `${JSON.stringify(answer)}\n${set.server.log()}`)
      row.saw('step_up', seen)
    })

    test('is cut off when the person disconnects it', patience, async t => {
      const set = await setting(t, full)
      await connects(set)
      await disconnect(set)
      const first = state(set)
      const answer = await attempt(set.client, 'list_workspaces')
      await set.desk.busy
      assert.match(set.server.log().split('event app_disconnected').at(-1), /request POST \/mcp 401/)
      let then = state(set), seen = 'asks the person again'
      if (then.asked === first.asked) {
        assert.ok(answer.error, 'nothing is given to whoever is cut off')
        assert.equal(then.consented, first.consented)
        await set.client.again?.({})
        await connects(set)
        then = state(set)
        seen = 'the call fails; the next sign-in works'
      } else {
        assert.match(answer.text ?? '', /ws_engine/, answer.error)
      }
      assert.equal(then.asked, first.asked + 1)
      seen += then.registered > first.registered ? ', with a new registration' : ', under the same registration'
      assert.equal(seen, expected.revoke, `${JSON.stringify(answer)}\n${set.server.log()}`)
      row.saw('revoke', seen)
    })
  })
}

export const text = result => result.content.map(part => part.text ?? '').join('\n')
