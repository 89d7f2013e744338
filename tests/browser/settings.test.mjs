// Account settings: Connected apps and Personal API tokens.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ada, authorize, grace, openBrowser, openWindow, signIn } from '../lib/browser.mjs'
import { authorization, listen, redeem, refresh, register, rpc, tool } from '../lib/oauth.mjs'
import { remember } from '../lib/secrets.mjs'
import { startServer } from '../lib/server.mjs'

let browser
before(async () => { browser = await openBrowser() })
after(() => browser.close())

// A server with nobody connected, a listener of a client's, and a window.
async function setting(t) {
  const server = await startServer()
  t.after(server.stop)
  const client = await listen()
  t.after(client.close)
  const open = async options => {
    const context = await openWindow(browser, options)
    t.after(() => context.close())
    return context.newPage()
  }
  return { server, client, open, page: await open() }
}

async function connect({ server, client }, page, person, name, choice) {
  const registered = await register(server, { client_name: name, redirect_uris: [client.url] })
  const asked = authorization(server, registered)
  const answer = await authorize(page, asked, client, choice, person)
  const { body } = await redeem(server, asked, answer.get('code'))
  return { client: registered, ...body }
}

const engine = { access: 'mcp', workspaces: ['ws_engine'] }
const compilers = { access: 'mcp', workspaces: ['ws_compilers'] }
const alive = async (server, token) => (await rpc(server, token, 'tools/list')).status === 200

async function visit(page, url, person = ada) {
  await page.goto(url)
  if (await page.locator('input[name=password]').count()) {
    await signIn(page, person)
    await page.goto(url)
  }
}

describe('Connected apps', () => {
  test('shows an app with its name, its access and its workspaces', async t => {
    const setup = await setting(t), { server, page } = setup
    await connect(setup, page, ada, 'Reader', { access: 'mcp:read', workspaces: ['ws_engine', 'ws_notes'] })
    await visit(page, `${server.url}/settings/apps`)
    const row = page.locator('tbody tr', { hasText: 'Reader' })
    assert.equal(await row.count(), 1)
    const html = await row.innerHTML()
    for (const word of ['mcp:read', 'Analytical Engine', 'Notes']) assert.ok(html.includes(word), word)
    assert.ok(!html.includes('Home'))
  })

  test('says so when nothing is connected', async t => {
    const { server, page } = await setting(t)
    await visit(page, `${server.url}/settings/apps`)
    assert.equal(await page.locator('tbody tr').count(), 0)
    assert.match(await page.locator('main').innerText(), /no /i)
  })

  test('RF-19 shows one entry after three refreshes', async t => {
    const setup = await setting(t), { server, page } = setup
    let tokens = await connect(setup, page, ada, 'Refresher', engine)
    const { client } = tokens
    for (let i = 0; i < 3; i++) {
      const { status, body } = await refresh(server, client, tokens.refresh_token)
      assert.equal(status, 200)
      tokens = body
    }
    await visit(page, `${server.url}/settings/apps`)
    assert.equal(await page.locator('tbody tr').count(), 1)
  })

  test('the trash icon asks first; Disconnect cuts the app off at once, Keep does not', async t => {
    const setup = await setting(t), { server, page } = setup
    const app = await connect(setup, page, ada, 'Doomed', engine)
    const other = await connect(setup, page, ada, 'Spared', engine)
    await visit(page, `${server.url}/settings/apps`)
    await page.getByLabel('Disconnect Doomed').click()
    assert.match(await page.locator('main').innerText(), /Doomed/)
    assert.ok(await alive(server, app.access_token), 'asking changes nothing')
    await page.getByRole('link', { name: 'Keep' }).click()
    assert.ok(await alive(server, app.access_token))

    await page.getByLabel('Disconnect Doomed').click()
    await page.getByRole('button', { name: 'Disconnect' }).click()
    await page.waitForURL(`${server.url}/settings/apps*`)
    assert.equal(await page.getByLabel('Disconnect Doomed').count(), 0)
    assert.equal((await rpc(server, app.access_token, 'tools/list')).status, 401)
    const { status, body } = await refresh(server, app.client, app.refresh_token)
    assert.deepEqual([status, body.error], [400, 'invalid_grant'])
    assert.ok(await alive(server, other.access_token), 'another app stays')
  })

  test('disconnects what it asks about and nothing that a link names besides', async t => {
    const setup = await setting(t), { server, page } = setup
    const tokens = []
    for (const name of ['Shown', 'Smuggled']) tokens.push(await connect(setup, page, ada, name, engine))
    const ids = tokens.map(({ client }) => `client=${client.client_id}`)
    await page.goto(`${server.url}/settings/apps/disconnect?${ids.join('&')}`)
    const asked = (await page.locator('h1').innerText()).includes('Shown') ? 0 : 1
    await page.getByRole('button', { name: 'Disconnect' }).click()
    await page.waitForURL(`${server.url}/settings/apps?done=*`)
    assert.ok(!(await alive(server, tokens[asked].access_token)))
    assert.ok(await alive(server, tokens[1 - asked].access_token))
  })

  test('CD-11 a code that was not redeemed yet dies with the disconnecting, too', async t => {
    const setup = await setting(t), { server, client, page } = setup
    const app = await connect(setup, page, ada, 'Doomed', engine)
    const asked = authorization(server, app.client)
    const answer = await authorize(page, asked, client, engine)
    await visit(page, `${server.url}/settings/apps`)
    await page.getByLabel('Disconnect Doomed').click()
    await page.getByRole('button', { name: 'Disconnect' }).click()
    await page.waitForURL(`${server.url}/settings/apps*`)
    assert.equal((await redeem(server, asked, answer.get('code'))).body.error, 'invalid_grant')
  })

  test('CA-01 another person\'s apps are neither shown nor touched', async t => {
    const setup = await setting(t), { server, page } = setup
    const his = await connect(setup, page, ada, 'Shared name', engine)
    const theirs = await setup.open()
    const hers = await connect(setup, theirs, grace, 'Shared name', compilers)
    await visit(theirs, `${server.url}/settings/apps`, grace)
    assert.equal(await theirs.locator('tbody tr').count(), 1)
    assert.ok(!(await theirs.locator('main').innerText()).includes('Analytical Engine'))

    // Grace presses her button, with the identifier of ada's app in the form.
    await theirs.getByLabel('Disconnect Shared name').click()
    const fields = await theirs.locator('form input[type=hidden]').evaluateAll(inputs => inputs.map(input => [input.name, input.value]))
    await theirs.evaluate(([hers, his]) => {
      for (const form of document.querySelectorAll('form')) form.action = form.getAttribute('action').replaceAll(hers, his)
      for (const input of document.querySelectorAll('form input[type=hidden]')) input.value = input.value.replaceAll(hers, his)
    }, [hers.client.client_id, his.client.client_id])
    await theirs.getByRole('button', { name: 'Disconnect' }).click()
    await theirs.waitForLoadState()
    assert.ok(await alive(server, his.access_token), `ada's app lives (fields: ${fields.map(([name]) => name)})`)
  })

  test('CA-04 a GET never disconnects, and neither does a form without its secret', async t => {
    const setup = await setting(t), { server, page } = setup
    const app = await connect(setup, page, ada, 'Target', engine)
    await visit(page, `${server.url}/settings/apps`)
    await page.getByLabel('Disconnect Target').click()
    const address = page.url()
    const cookie = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join('; ')
    const form = await page.locator('form', { has: page.getByRole('button', { name: 'Disconnect' }) }).evaluate(form =>
      ({ action: form.action, fields: [...new FormData(form)] }))
    for (const url of [address, form.action, `${form.action}?${new URLSearchParams(form.fields)}`])
      for (const method of ['GET', 'HEAD']) await fetch(url, { method, redirect: 'manual', headers: { cookie } })
    assert.ok(await alive(server, app.access_token), 'reading changes nothing')

    const bare = form.fields.filter(([, value]) => value.includes(app.client.client_id))
    const wrong = form.fields.map(([name, value]) => [name, value.includes(app.client.client_id) ? value : 'A'.repeat(43)])
    for (const fields of [bare, wrong]) {
      const response = await fetch(form.action, { method: 'POST', redirect: 'manual', headers: { cookie }, body: new URLSearchParams(fields) })
      assert.equal(response.status, 403)
    }
    assert.ok(await alive(server, app.access_token), 'a form from elsewhere changes nothing')

    const honest = await fetch(form.action, { method: 'POST', redirect: 'manual', headers: { cookie }, body: new URLSearchParams(form.fields) })
    assert.ok([302, 303].includes(honest.status))
    assert.ok(!await alive(server, app.access_token), 'the honest form does')
  })
})

// Fill in the form for a personal token and read the token that is shown.
async function makeToken(page, server, { name, access = 'mcp', workspaces = ['ws_engine'] }) {
  await visit(page, `${server.url}/settings/tokens`)
  await page.fill('input[name=name]', name)
  await page.check(`input[name=access][value="${access}"]`)
  for (const id of workspaces) await page.check(`input[name=workspace][value=${id}]`)
  await page.locator('form', { has: page.locator('input[name=name]') }).locator('button').click()
  return remember(await page.inputValue('input#token'))
}

describe('Personal API tokens', () => {
  test('a token is shown once, works like a bearer token, and reaches only its workspaces', async t => {
    const { server, page } = await setting(t)
    const token = await makeToken(page, server, { name: 'Backup script' })
    assert.match(token, /^ist_pt_[A-Za-z0-9_-]{40,}$/)
    assert.equal(await page.locator('input#token').getAttribute('readonly'), '')
    await page.goto(`${server.url}/settings/tokens`)
    assert.match(await page.locator('main').innerText(), /Backup script/)
    assert.ok(!(await page.content()).includes(token), 'never shown again')
    await page.reload()
    assert.ok(!(await page.content()).includes(token))

    assert.equal((await tool(server, token, 'list_cards', { workspace: 'ws_engine' })).status, 200)
    const list = JSON.stringify((await tool(server, token, 'list_workspaces')).body)
    assert.match(list, /ws_engine/)
    assert.doesNotMatch(list, /ws_notes/)
    const other = await tool(server, token, 'list_cards', { workspace: 'ws_notes' })
    assert.ok(other.status === 403 || other.body.error || other.body.result?.isError, JSON.stringify(other.body))
  })

  test('the Copy button puts it on the clipboard', async t => {
    const { server, open } = await setting(t)
    const page = await open({ permissions: ['clipboard-read', 'clipboard-write'] })
    const token = await makeToken(page, server, { name: 'Backup script' })
    await page.getByRole('button', { name: 'Copy' }).click()
    await page.getByRole('button', { name: 'Copied' }).waitFor()
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), token)
  })

  test('without JavaScript it is shown all the same', async t => {
    const { server, open } = await setting(t)
    const token = await makeToken(await open({ javaScriptEnabled: false }), server, { name: 'Backup script' })
    assert.ok(await alive(server, token))
  })

  test('BE-21 a read-only token cannot write', async t => {
    const { server, page } = await setting(t)
    const token = await makeToken(page, server, { name: 'Dashboard', access: 'mcp:read' })
    assert.equal((await tool(server, token, 'list_cards', { workspace: 'ws_engine' })).status, 200)
    assert.equal((await tool(server, token, 'create_card', { workspace: 'ws_engine', title: 'No' })).status, 403)
  })

  test('a deleted token is dead at once, after a confirmation, and others live on', async t => {
    const { server, page } = await setting(t)
    const kept = await makeToken(page, server, { name: 'Kept' })
    const token = await makeToken(page, server, { name: 'Doomed' })
    await page.goto(`${server.url}/settings/tokens`)
    await page.getByLabel('Delete Doomed').click()
    assert.ok(await alive(server, token), 'asking changes nothing')
    await page.getByRole('button', { name: 'Delete' }).click()
    await page.waitForURL(`${server.url}/settings/tokens*`)
    assert.ok(!(await page.locator('main').innerText()).includes('Doomed'))
    const { status, headers } = await rpc(server, token, 'tools/list')
    assert.equal(status, 401)
    assert.match(headers.get('www-authenticate'), /^Bearer .*error="invalid_token"/)
    assert.ok(await alive(server, kept))
  })

  test('a Free workspace cannot be chosen, nor none at all, nor another person\'s', async t => {
    const { server, page } = await setting(t)
    await visit(page, `${server.url}/settings/tokens`)
    assert.equal(await page.locator('input[name=workspace][value=ws_home]').isDisabled(), true)
    const make = page.locator('form', { has: page.locator('input[name=name]') }).locator('button')
    for (const forge of [null, 'ws_home', 'ws_navy']) {
      await page.goto(`${server.url}/settings/tokens`)
      await page.fill('input[name=name]', 'Forged')
      await page.check('input[name=access][value=mcp]')
      if (forge) await page.locator('input[name=workspace]').first().evaluate((box, id) => { box.value = id; box.checked = true }, forge)
      await make.click()
      await page.locator('[role=alert]').waitFor()
      assert.equal(await page.locator('input#token').count(), 0)
    }
    await page.goto(`${server.url}/settings/tokens`)
    assert.equal(await page.getByLabel('Delete Forged').count(), 0)
  })

  test('BE-22 a personal token opens no page of the account and redeems nothing', async t => {
    const setup = await setting(t), { server, page } = setup
    const token = await makeToken(page, server, { name: 'Script' })
    for (const path of ['/settings/tokens', '/settings/apps']) {
      const response = await fetch(server.url + path, { redirect: 'manual', headers: { authorization: `Bearer ${token}` } })
      assert.ok([302, 303, 401, 403].includes(response.status), `${path}: ${response.status}`)
    }
    const client = await register(server)
    assert.equal((await refresh(server, client, token)).body.error, 'invalid_grant')
  })

  test('a person has a hundred tokens at most, and room again after deleting one', async t => {
    const { server, page } = await setting(t)
    const url = `${server.url}/settings/tokens`
    await makeToken(page, server, { name: 'First' })
    await page.goto(url)
    const form = { name: 'Another', expiry: 'never', access: 'mcp', workspace: 'ws_engine' }
    form.csrf = await page.locator('section input[name=csrf]').inputValue()
    const make = async () => (await page.request.post(url, { form })).status()
    for (let i = 1; i < 100; i++) assert.equal(await make(), 200)
    assert.equal(await make(), 403)
    await page.goto(url)
    assert.equal(await page.locator('tbody tr').count(), 100)
    await page.getByLabel('Delete First').click()
    await page.getByRole('button', { name: 'Delete' }).click()
    await page.waitForURL(`${url}?done=deleted`)
    assert.equal(await make(), 200)
    assert.equal(await make(), 403)
  })

  test('another person neither sees nor deletes it', async t => {
    const { server, page, open } = await setting(t)
    const token = await makeToken(page, server, { name: 'Private' })
    await page.goto(`${server.url}/settings/tokens`)
    const link = await page.getByLabel('Delete Private').getAttribute('href')
    const theirs = await open()
    await visit(theirs, `${server.url}/settings/tokens`, grace)
    assert.ok(!(await theirs.locator('main').innerText()).includes('Private'))
    await theirs.goto(new URL(link, server.url).href)
    const button = theirs.getByRole('button', { name: 'Delete' })
    if (await button.count()) await button.click()
    assert.ok(await alive(server, token))
  })
})
