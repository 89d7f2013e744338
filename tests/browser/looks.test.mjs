// How the pages look and whether everyone can use them: a picture of each in light, dark and on a
// phone (build/screenshots/), and axe-core's verdict on each.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { ada, authorize, decide, openBrowser, openConsent, openWindow, screenshot, signIn } from '../lib/browser.mjs'
import { authorization, listen, redeem, register } from '../lib/oauth.mjs'
import { remember } from '../lib/secrets.mjs'
import { root, startServer } from '../lib/server.mjs'

const axe = fs.readFileSync(path.join(root, 'tests/node_modules/axe-core/axe.min.js'), 'utf8')

let server, client // of the kind that is looked at

async function request(metadata = {}, parameters = {}) {
  const registered = await register(server, { client_name: 'Difference Engine', redirect_uris: [client.url], ...metadata })
  return authorization(server, registered, parameters)
}

async function open(page, path) {
  await page.goto(`${server.url}${path}`)
  if (!await page.locator('input[name=password]').count()) return
  await signIn(page, ada)
  await page.locator('main').waitFor()
  await page.goto(`${server.url}${path}`)
}

async function connect(page, name, choice) {
  const asked = await request({ client_name: name })
  const answer = await authorize(page, asked, client, choice)
  await redeem(server, asked, answer.get('code'))
}

async function makeToken(page, name) {
  await open(page, '/settings/tokens')
  await page.fill('input[name=name]', name)
  await page.check('input[name=access][value=mcp]')
  await page.check('input[name=workspace][value=ws_engine]')
  await page.locator('form', { has: page.locator('input[name=name]') }).locator('button').click()
  remember(await page.inputValue('input#token'))
}

// Every page, and how a person gets there.
const pages = {
  'sign-in': async page => page.goto((await request()).url),
  'sign-in-refused': async page => {
    await page.goto((await request()).url)
    await signIn(page, { email: ada.email, password: remember('wrong-password') })
    await page.locator('[role=alert]').waitFor()
  },
  consent: async page => openConsent(page, (await request()).url),
  'consent-read-only': async page => openConsent(page, (await request({}, { scope: 'mcp:read' })).url),
  'consent-elsewhere': async page => openConsent(page, (await request({
    client_name: 'A client with a rather long name, as strangers may well give themselves',
    redirect_uris: ['https://a-rather-long-host-name.and-its-domain.client.example/callback'],
    client_uri: 'https://client.example/',
  })).url),
  'consent-none-chosen': async page => {
    await openConsent(page, (await request()).url)
    await decide(page, { workspaces: [] })
    await page.locator('[role=alert]').waitFor()
  },
  'consent-used': async page => {
    const asked = await request()
    await openConsent(page, asked.url)
    const ticket = await page.inputValue('input[name=ticket]')
    const answer = client.answer(asked)
    await decide(page, { workspaces: ['ws_engine'] })
    await answer
    await page.waitForURL(`${client.url}**`)
    await openConsent(page, (await request()).url)
    await page.locator('input[name=ticket]').evaluate((field, ticket) => { field.value = ticket }, ticket)
    await decide(page, { workspaces: ['ws_engine'] })
    await page.locator('button[name=decision]').waitFor({ state: 'detached' })
  },
  'unknown-client': async page => {
    const url = new URL((await request()).url)
    url.searchParams.set('client_id', 'nobody')
    await page.goto(String(url))
  },
  settings: async page => open(page, '/settings'),
  'apps-none': async page => open(page, '/settings/apps'),
  apps: async page => {
    await connect(page, 'Difference Engine', { access: 'mcp', workspaces: ['ws_engine', 'ws_notes'] })
    await connect(page, 'A client with a rather long name, as strangers may well give themselves', { access: 'mcp:read', workspaces: ['ws_notes'] })
    await open(page, '/settings/apps')
  },
  'disconnect': async page => {
    await open(page, '/settings/apps')
    await page.getByLabel('Disconnect Difference Engine').click()
    await page.getByRole('button', { name: 'Disconnect' }).waitFor()
  },
  'tokens-none': async page => open(page, '/settings/tokens'),
  'token-shown-once': async page => makeToken(page, 'Backup script'),
  tokens: async page => open(page, '/settings/tokens'),
  'token-delete': async page => {
    await open(page, '/settings/tokens')
    await page.getByLabel('Delete Backup script').click()
    await page.getByRole('button', { name: 'Delete' }).waitFor()
  },
  'not-found': async page => page.goto(`${server.url}/nowhere`),
}

const kinds = {
  light: { colorScheme: 'light', viewport: { width: 1100, height: 800 } },
  dark: { colorScheme: 'dark', viewport: { width: 1100, height: 800 } },
  phone: { colorScheme: 'light', viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
}

// Sideways scrolling, and axe-core's rules.
async function problems(page) {
  const found = []
  const [needed, given] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth])
  if (needed > given) found.push(`the page is ${needed} pixels wide in a window of ${given}`)
  await page.evaluate(axe)
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  }))
  for (const { id, nodes } of violations)
    for (const { target, failureSummary } of nodes) found.push(`${id}: ${target} ${failureSummary}`)
  return found
}

for (const [kind, options] of Object.entries(kinds))
  describe(`every page, ${kind}`, () => {
    // Each kind starts with nothing connected and no token.
    const complaints = []
    let browser, page
    before(async () => {
      browser = await openBrowser()
      server = await startServer()
      client = await listen()
      page = await (await openWindow(browser, { ...options, reducedMotion: 'reduce' })).newPage()
      page.on('console', message => { if (message.type() === 'error') complaints.push(message.text()) })
      page.on('pageerror', error => complaints.push(String(error)))
    })
    after(async () => {
      await browser.close()
      await client.close()
      await server.stop()
    })

    for (const [name, visit] of Object.entries(pages))
      test(`${name} is accessible and fits the window`, async () => {
        complaints.length = 0
        await visit(page)
        await screenshot(page, `${name}-${kind}`)
        assert.deepEqual(await problems(page), [])
        assert.deepEqual(complaints.filter(text => !/status of 4\d\d/.test(text)), [], 'the console is quiet')
      })
  })
