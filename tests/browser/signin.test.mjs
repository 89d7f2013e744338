// Signing in: the host's part of the house, on which every consent stands.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ada, grace, openConsent, signIn } from '../lib/browser.mjs'
import { remember } from '../lib/secrets.mjs'
import { stage } from '../lib/stage.mjs'

let server
const { window, request } = stage(set => { ({ server } = set) })

test('a person who is not signed in signs in first and goes on to the consent page', async t => {
  const page = await window(t), asked = await request()
  await page.goto(asked.url)
  assert.equal(await page.locator('button[name=decision]').count(), 0)
  await signIn(page, ada)
  await page.locator('button[name=decision][value=allow]').waitFor()
})

test('a wrong password, a wrong address and an empty form are refused alike and nobody is signed in', async t => {
  const page = await window(t)
  const messages = new Set()
  for (const person of [
    { email: ada.email, password: remember('wrong-password-1') },
    { email: 'nobody@example.com', password: remember('wrong-password-2') },
    { email: ada.email, password: grace.password },
  ]) {
    const asked = await request()
    await page.goto(asked.url)
    await signIn(page, person)
    messages.add(await page.locator('[role=alert]').innerText())
    assert.equal(await page.inputValue('input[name=password]'), '', 'the password is not sent back')
    await page.goto(`${server.url}/settings/apps`)
    assert.equal(await page.locator('input[name=password]').count(), 1)
  }
  assert.equal(messages.size, 1, 'nobody learns which addresses exist')
})

test('after a wrong password the right one still leads to the consent page', async t => {
  const page = await window(t), asked = await request()
  await page.goto(asked.url)
  await signIn(page, { email: ada.email, password: remember('wrong-password-3') })
  await page.locator('[role=alert]').waitFor()
  await signIn(page, ada)
  await page.locator('button[name=decision][value=allow]').waitFor()
})

describe('the session cookie', () => {
  test('is out of reach of scripts and of other sites\' forms, and new after signing in', async t => {
    const page = await window(t), asked = await request()
    await page.goto(asked.url)
    const before = await page.context().cookies()
    await signIn(page, ada)
    await page.locator('button[name=decision][value=allow]').waitFor()
    const cookies = await page.context().cookies()
    assert.ok(cookies.length >= 1)
    for (const cookie of cookies) {
      assert.equal(cookie.httpOnly, true, cookie.name)
      assert.ok(['Lax', 'Strict'].includes(cookie.sameSite), cookie.name)
      assert.equal(cookie.path, '/', cookie.name)
      assert.equal(cookie.domain, '127.0.0.1', 'for this host alone')
      assert.ok(cookie.value.length >= 22 || !/session|sid/i.test(cookie.name), 'not to be guessed')
    }
    for (const old of before)
      assert.ok(!cookies.some(cookie => cookie.name === old.name && cookie.value === old.value), `${old.name} was fixed before`)
    assert.equal(await page.evaluate(() => document.cookie), '')
  })

  test('one that the server did not make opens nothing and is not taken over', async t => {
    const page = await window(t), asked = await request()
    await openConsent(page, asked.url)
    const [{ name }] = await page.context().cookies()
    await page.context().clearCookies()
    await page.context().addCookies([{ name, value: 'A'.repeat(43), url: server.url }])
    await page.goto(`${server.url}/settings/apps`)
    await signIn(page, ada)
    await page.locator('h1').waitFor()
    const [cookie] = (await page.context().cookies()).filter(cookie => cookie.name === name)
    assert.notEqual(cookie.value, 'A'.repeat(43))
  })

  test('signing out ends it on the server, too', async t => {
    const page = await window(t)
    await page.goto(`${server.url}/settings/apps`)
    await signIn(page, ada)
    await page.getByRole('button', { name: 'Sign out' }).first().waitFor()
    const cookies = await page.context().cookies()
    await page.getByRole('button', { name: 'Sign out' }).first().click()
    await page.locator('input[name=password]').waitFor()
    await page.context().clearCookies()
    await page.context().addCookies(cookies)
    await page.goto(`${server.url}/settings/apps`)
    assert.equal(await page.locator('input[name=password]').count(), 1)
  })
})

test('CO-19 no parameter of a request and no field of the form decides where signing in leads', async t => {
  const names = ['return_to', 'return', 'next', 'redirect', 'redirect_uri', 'url', 'continue', 'to', 'back', 'authorize']
  const page = await window(t), seen = []
  page.on('request', one => seen.push(one.url()))
  const asked = await request()
  for (const target of ['https://evil.example/', '//evil.example/', '/\\evil.example', '@evil.example/', 'x\r\nLocation: https://evil.example/']) {
    for (const from of [`${server.url}/login?${new URLSearchParams(names.map(name => [name, target]))}`, asked.url]) {
      await page.context().clearCookies()
      await page.goto(from)
      await page.locator('form[action="/login"]').evaluate((form, target) => {
        for (const field of form.querySelectorAll('input[type=hidden]:not([name=csrf])')) field.value = target
      }, target)
      const answer = page.waitForResponse(response => response.request().method() === 'POST')
      await signIn(page, ada)
      await answer
      await page.waitForLoadState()
      assert.equal(new URL(page.url()).origin, server.url)
    }
  }
  for (const url of seen) assert.equal(new URL(url).origin, server.url, url)
})

test('CO-19 the host that a request names does not decide where signing in leads', async t => {
  const response = await fetch(`${server.url}/settings/apps`, {
    redirect: 'manual', headers: { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' },
  })
  assert.doesNotMatch(`${response.headers.get('location')} ${await response.text()}`, /evil\.example/)
})

test('a form sent to /login from elsewhere signs nobody in', async () => {
  const response = await fetch(`${server.url}/login`, {
    method: 'POST', redirect: 'manual',
    headers: { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    body: new URLSearchParams(ada),
  })
  assert.equal(response.status, 403)
  const cookie = remember((response.headers.get('set-cookie') ?? '').split(';')[0])
  const settings = await fetch(`${server.url}/settings/apps`, { redirect: 'manual', headers: { cookie } })
  assert.equal(settings.status, 303, 'still signed out')
})

test('a crowd at the door is turned away instead of keeping every thread busy', async () => {
  const page = await fetch(`${server.url}/login`)
  const cookie = remember(page.headers.get('set-cookie').split(';')[0])
  const [, csrf] = /name="csrf" value="([^"]+)"/.exec(await page.text())
  const attempt = (email, password) => fetch(`${server.url}/login`, {
    method: 'POST', redirect: 'manual', headers: { cookie }, body: new URLSearchParams({ csrf, email, password }),
  })
  // A busy machine may send them one after the other: then another crowd comes.
  let turnedAway = 0
  for (let crowds = 0; crowds < 20 && !turnedAway; crowds++) {
    const crowd = await Promise.all(Array.from({ length: 40 }, () => attempt(ada.email, 'not-hers')))
    const count = status => crowd.filter(answer => answer.status === status).length
    assert.ok(count(401) > 0, crowd.map(({ status }) => status).join(' '))
    assert.equal(count(401) + count(503), 40)
    for (const answer of crowd) assert.equal(answer.headers.get('set-cookie'), null)
    turnedAway = count(503)
  }
  assert.ok(turnedAway > 0)
  assert.equal((await attempt(ada.email, ada.password)).status, 303)
})
