// The consent page in a real browser: what it offers, what it refuses, what it may be made to do.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ada, authorize, decide, grace, openConsent } from '../lib/browser.mjs'
import { authorization, listen, redeem, register, tool } from '../lib/oauth.mjs'
import { stage } from '../lib/stage.mjs'

let server, client
const { window, request } = stage(set => { ({ server, client } = set) })

// The consent form's fields as the page has them, for requests that no page would send.
async function form(page) {
  return {
    action: await page.locator('form[action="/oauth/consent"]').evaluate(form => form.action),
    ticket: await page.inputValue('input[name=ticket]'),
    cookies: (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join('; '),
  }
}

// Send a consent form by hand, from inside or outside the browser that it was shown in.
async function post({ action, ticket, cookies }, fields, headers = {}) {
  const response = await fetch(action, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded', cookie: cookies, ...headers },
    body: new URLSearchParams([['ticket', ticket], ...fields]),
  })
  return { status: response.status, location: response.headers.get('location'), text: await response.text() }
}

const allow = (...workspaces) => [['access', 'mcp'], ...workspaces.map(id => ['workspace', id]), ['decision', 'allow']]

describe('the answer', () => {
  test('Allow sends the browser back with a code, the state and the issuer, and the code works once', async t => {
    const page = await window(t), asked = await request()
    const answer = await authorize(page, asked, client, { access: 'mcp', workspaces: ['ws_engine', 'ws_notes'] })
    assert.deepEqual([...answer.keys()].sort(), ['code', 'iss', 'state'])
    assert.equal(answer.get('state'), asked.state)
    assert.equal(answer.get('iss'), server.url)
    const { status, body } = await redeem(server, asked, answer.get('code'))
    assert.equal(status, 200)
    assert.equal(body.scope, 'mcp')
    assert.equal((await redeem(server, asked, answer.get('code'))).body.error, 'invalid_grant')
  })

  test('Cancel sends the browser back with access_denied, the state and the issuer (AZ-09)', async t => {
    const page = await window(t), asked = await request()
    const answer = await authorize(page, asked, client, { decision: 'deny' })
    assert.equal(answer.get('error'), 'access_denied')
    assert.equal(answer.get('state'), asked.state)
    assert.deepEqual(answer.getAll('iss'), [server.url])
    assert.ok(!answer.has('code'))
  })

  test('the person may give less than was asked for: read-only, and only some workspaces', async t => {
    const page = await window(t), asked = await request()
    const answer = await authorize(page, asked, client, { access: 'mcp:read', workspaces: ['ws_notes'] })
    const { body } = await redeem(server, asked, answer.get('code'))
    assert.equal(body.scope, 'mcp:read')
    assert.equal((await tool(server, body.access_token, 'list_cards', { workspace: 'ws_notes' })).status, 200)
    const write = await tool(server, body.access_token, 'create_card', { workspace: 'ws_notes', title: 'No' })
    assert.equal(write.status, 403)
    assert.match(write.headers.get('www-authenticate'), /error="insufficient_scope"/)
    const list = await tool(server, body.access_token, 'list_workspaces')
    assert.match(JSON.stringify(list.body), /ws_notes/)
    assert.doesNotMatch(JSON.stringify(list.body), /ws_engine/)
  })

  test('CO-08 access that was not asked for cannot be chosen, not even by a forged form', async t => {
    const page = await window(t), asked = await request({}, { scope: 'mcp:read' })
    await openConsent(page, asked.url)
    assert.equal(await page.locator('input[name=access][value=mcp]:enabled').count(), 0)
    const { location } = await post(await form(page), allow('ws_engine'))
    if (!location) return
    const { body } = await redeem(server, asked, new URL(location).searchParams.get('code'))
    assert.equal(body.scope, 'mcp:read')
  })

  test('RU-31 the answer to the form is a 303, so that no browser sends it on', async t => {
    const page = await window(t), asked = await request()
    await openConsent(page, asked.url)
    const { status, location } = await post(await form(page), allow('ws_engine'))
    assert.equal(status, 303)
    assert.ok(location.startsWith(`${client.url}?`))
  })

  test('the page works with JavaScript switched off', async t => {
    const page = await window(t, { javaScriptEnabled: false }), asked = await request()
    const answer = await authorize(page, asked, client)
    assert.equal((await redeem(server, asked, answer.get('code'))).status, 200)
  })

  test('the keyboard alone is enough, from signing in to Allow', async t => {
    const page = await window(t), asked = await request()
    const focus = (name, value) => page.evaluate(([name, value]) =>
      document.activeElement.name === name && (!value || document.activeElement.value === value), [name, value])
    const reach = async (name, value) => {
      for (let presses = 0; presses < 20 && !await focus(name, value); presses++) await page.keyboard.press('Tab')
      assert.ok(await focus(name, value), `${name} ${value ?? ''} is within reach`)
    }
    await page.goto(asked.url)
    await reach('email')
    await page.keyboard.type(ada.email)
    await reach('password')
    await page.keyboard.type(ada.password)
    await page.keyboard.press('Enter')
    await page.locator('button[name=decision][value=allow]').waitFor()
    await reach('workspace', 'ws_notes')
    await page.keyboard.press('Space')
    await reach('decision', 'allow')
    const answer = client.answer(asked)
    await page.keyboard.press('Enter')
    assert.ok((await answer).has('code'))
  })

  test('CO-01 CO-02 the page is shown again for every request, also by a client that was allowed before', async t => {
    const page = await window(t), asked = await request()
    await authorize(page, asked, client)
    const again = authorization(server, asked.client)
    await page.goto(again.url)
    assert.equal(await page.locator('input[name=password]').count(), 0, 'still signed in')
    assert.equal(await page.locator('button[name=decision][value=allow]').count(), 1)
    assert.equal(client.heard(again).length, 0)
  })

  test('AZ-11 prompt=none never shows a page and never grants', async t => {
    const page = await window(t), asked = await request({}, { prompt: 'none' })
    for (const error of [/^login_required$/, /_required$|^access_denied$/]) {
      const answer = client.answer(asked)
      await page.goto(asked.url)
      const answered = await answer
      assert.match(answered.get('error'), error)
      assert.ok(!answered.has('code'))
      const other = await request()
      await openConsent(page, other.url)
    }
  })
})

describe('workspaces', () => {
  test('each one of the person is shown, a Free one cannot be chosen and says why', async t => {
    const page = await window(t), asked = await request()
    await openConsent(page, asked.url)
    const boxes = await page.locator('input[name=workspace]').evaluateAll(boxes =>
      boxes.map(box => [box.value, box.disabled, box.closest('label, li, div')?.textContent ?? '']))
    assert.deepEqual(boxes.map(([id, disabled]) => [id, disabled]), [['ws_engine', false], ['ws_notes', false], ['ws_home', true]])
    const text = await page.locator('form[action="/oauth/consent"]').innerText()
    for (const word of ['Analytical Engine', 'Notes', 'Home', 'Pro', 'Max', 'Free']) assert.ok(text.includes(word), word)
  })

  test('a Free workspace is refused also when the form is forged, and no code is made', async t => {
    const page = await window(t), asked = await request()
    await openConsent(page, asked.url)
    await page.locator('input[name=workspace][value=ws_home]').evaluate(box => { box.disabled = false; box.checked = true })
    await page.click('button[name=decision][value=allow]')
    await page.locator('[role=alert]').waitFor()
    assert.equal(client.heard(asked).length, 0)
  })

  test('CO-09 CO-10 another person\'s workspace, an invented one and a mixture are refused', async t => {
    const page = await window(t), asked = await request()
    await openConsent(page, asked.url)
    const shown = await form(page)
    for (const ids of [['ws_navy'], ['ws_compilers', 'ws_engine'], ['ws_engine', 'ws_home'], ['../ws_engine'],
      ['WS_ENGINE'], ["ws_engine' OR 1=1"], ['ws_engine\0'], ['x'.repeat(70_000)]]) {
      const { status, location, text } = await post(shown, allow(...ids))
      assert.equal(location, null, `${ids}`.slice(0, 60))
      assert.ok(status >= 400 || /role="?alert/.test(text), `${status}: ${ids}`.slice(0, 60))
    }
  })

  test('none chosen shows the page again with a message, and the same page then works', async t => {
    const page = await window(t), asked = await request()
    await openConsent(page, asked.url)
    await decide(page, { access: 'mcp:read', workspaces: [] })
    assert.match(await page.locator('[role=alert]').innerText(), /workspace/i)
    assert.equal(await page.isChecked('input[name=access][value="mcp:read"]'), true, 'what was chosen is kept')
    const answer = client.answer(asked)
    await decide(page, { workspaces: ['ws_engine'] })
    const { body } = await redeem(server, asked, (await answer).get('code'))
    assert.equal(body.scope, 'mcp:read')
  })

  test('grace is offered hers and not ada\'s', async t => {
    const page = await window(t), asked = await request()
    await openConsent(page, asked.url, grace)
    assert.deepEqual(await page.locator('input[name=workspace]').evaluateAll(boxes => boxes.map(box => box.value)),
      ['ws_compilers', 'ws_navy'])
  })
})

describe('the ticket', () => {
  test('CO-04 a form sent twice gives one code; the second answer is a page', async t => {
    const page = await window(t), asked = await request()
    await openConsent(page, asked.url)
    const shown = await form(page)
    const answers = await Promise.all([post(shown, allow('ws_engine')), post(shown, allow('ws_engine')), post(shown, allow('ws_notes'))])
    const late = await post(shown, allow('ws_engine'))
    assert.equal(answers.filter(answer => answer.location).length, 1)
    for (const answer of [...answers.filter(answer => !answer.location), late]) {
      assert.equal(answer.status, 403)
      assert.match(answer.text, /<h1/)
      assert.doesNotMatch(answer.text, /ist_ac_/)
    }
  })

  test('CO-04 a double click on Allow gives the client at most one code, and the person a page that explains', async t => {
    const page = await window(t), asked = await request()
    await openConsent(page, asked.url)
    await page.check('input[name=workspace][value=ws_engine]')
    await page.dblclick('button[name=decision][value=allow]')
    await page.waitForURL(url => !String(url).startsWith(`${server.url}/oauth/authorize`))
    await page.locator('h1').waitFor()
    assert.ok(client.heard(asked).length <= 1)
    for (const answer of client.heard(asked)) assert.ok(answer.has('code'))
    assert.doesNotMatch(await page.content(), /ist_ac_/)
  })

  test('AZ-16 the same address opened again after Allow asks again and never shows the old code', async t => {
    const page = await window(t), asked = await request()
    const answer = await authorize(page, asked, client)
    assert.equal((await redeem(server, asked, answer.get('code'))).status, 200)
    const again = await authorize(page, asked, client)
    assert.notEqual(again.get('code'), answer.get('code'))
  })

  test('CO-03 a form without a ticket, with a forged one or with a changed one gives no code', async t => {
    const page = await window(t), asked = await request()
    await openConsent(page, asked.url)
    const shown = await form(page)
    const middle = shown.ticket.length >> 1
    const changed = shown.ticket.slice(0, middle) + (shown.ticket[middle] === 'A' ? 'B' : 'A') + shown.ticket.slice(middle + 1)
    for (const ticket of ['', 'x', changed, shown.ticket.slice(0, -1), `${shown.ticket}A`]) {
      const { status, location } = await post({ ...shown, ticket }, allow('ws_engine'))
      assert.equal(status, 403)
      assert.equal(location, null)
    }
    const { location } = await post(shown, allow('ws_engine'))
    assert.ok(location, 'the honest form still works')
  })

  test('CO-05 another person\'s ticket and another browser\'s ticket are refused', async t => {
    const [one, two, three] = [await window(t), await window(t), await window(t)]
    const asked = await request()
    await openConsent(one, asked.url, ada)
    const shown = await form(one)
    await openConsent(two, asked.url, grace)
    await openConsent(three, asked.url, ada)
    const foreign = [(await form(two)).cookies, (await form(three)).cookies, '']
    for (const cookies of foreign)
      for (const fields of [allow('ws_engine'), allow('ws_navy'), [['decision', 'deny']]]) {
        const { status, location } = await post({ ...shown, cookies }, fields)
        assert.ok(status === 403 || (cookies === '' && /\/login/.test(location ?? '')), `${status} ${location}`)
        assert.ok(!location?.startsWith(client.url))
      }
    const { location } = await post(shown, allow('ws_engine'))
    assert.ok(location?.startsWith(client.url), 'the honest form still works')
  })

  test('CO-06 a ticket dies when its person signs out or another one signs in', async t => {
    const page = await window(t), asked = await request()
    await openConsent(page, asked.url, ada)
    const { ticket, action } = await form(page)
    await page.context().clearCookies()
    const tab = await page.context().newPage()
    await openConsent(tab, asked.url, grace)
    const { cookies } = await form(tab)
    const { status, location } = await post({ action, ticket, cookies }, allow('ws_navy'))
    assert.equal(status, 403)
    assert.equal(location, null)
  })

  test('CO-22 two tabs for two clients do not touch each other', async t => {
    const first = await window(t), second = await first.context().newPage()
    const [other, askedFirst] = [await listen(), await request({ client_name: 'First' })]
    t.after(other.close)
    const registered = await register(server, { client_name: 'Second', redirect_uris: [other.url] })
    const askedSecond = authorization(server, registered)
    await openConsent(first, askedFirst.url)
    await openConsent(second, askedSecond.url)

    const toSecond = other.answer(askedSecond)
    await decide(second, { access: 'mcp:read', workspaces: ['ws_notes'] })
    const answer = await toSecond
    assert.equal(answer.get('state'), askedSecond.state)
    assert.equal(client.heard(askedFirst).length, 0, 'the other tab\'s client heard nothing')
    assert.equal((await redeem(server, askedFirst, answer.get('code'))).status, 400, 'nor can it use this code')

    const toFirst = client.answer(askedFirst)
    await decide(first, { access: 'mcp', workspaces: ['ws_engine'] })
    const late = await toFirst
    assert.equal(late.get('state'), askedFirst.state)
    assert.equal((await redeem(server, askedFirst, late.get('code'))).body.scope, 'mcp')
  })
})
