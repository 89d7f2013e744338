// Headless Chromium, and what a person does in it.
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { chromium } from 'playwright-core'
import { remember, rememberAll } from './secrets.mjs'
import { root } from './server.mjs'

export const ada = { email: 'ada@example.com', password: 'lovelace' }
export const grace = { email: 'grace@example.com', password: 'hopper' }

const flags = [
  '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
  // No test talks to anything but this machine.
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost',
]
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'

export function openBrowser() {
  return chromium.launch({ executablePath, args: flags })
}

// A person's own browser: no cookie is shared with another one.
export async function openWindow(browser, options = {}) {
  const context = await browser.newContext(options)
  watch(context)
  context.setDefaultTimeout(20_000)
  return context
}

function watch(context) {
  context.on('request', request => {
    const form = request.postData()
    if (form) rememberAll(new URLSearchParams(form))
  })
  context.on('response', async response => {
    const lines = await response.headersArray().catch(() => [])
    for (const { name, value } of lines)
      if (name.toLowerCase() === 'set-cookie') remember(value.replace(/^[^=]*=/, '').split(';')[0])
  })
}

export async function signIn(page, person = ada) {
  await page.fill('input[name=email]', person.email)
  await page.fill('input[name=password]', person.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

// Answer the consent page that is shown.
export async function decide(page, { access, workspaces = [], decision = 'allow' } = {}) {
  if (access) await page.check(`input[name=access][value="${access}"]`)
  for (const box of await page.locator('input[name=workspace]:enabled').all())
    await box.setChecked(workspaces.includes(await box.getAttribute('value')))
  await page.click(`button[name=decision][value=${decision}]`)
}

// Open an authorization request, sign in when asked to, stop at the consent page.
export async function openConsent(page, url, person = ada) {
  await page.goto(url)
  if (await page.locator('input[name=password]').count()) await signIn(page, person)
  await page.locator('button[name=decision][value=allow]').waitFor()
}

// The whole way, from the request to the client's listener.
export async function authorize(page, request, client, choice = { workspaces: ['ws_engine'] }, person = ada) {
  const answer = client.answer(request)
  await openConsent(page, request.url, person)
  await decide(page, choice)
  return answer
}

export async function screenshot(page, name) {
  const file = path.join(root, 'build/screenshots', `${name}.png`)
  fs.mkdirSync(path.dirname(file), { recursive: true })
  for (let tries = 1; ; tries++)
    try {
      return await page.screenshot({ path: file, fullPage: true })
    } catch (error) { // a busy Chromium may have no frame to capture, whatever the page
      if (tries === 3 || !/Unable to capture/.test(error.message)) throw error
    }
}

// A Chromium that may open other programs: each address it hands over lands in `opened()`
// instead (a stand-in for xdg-open, and a profile in which the person said "always allow").
export async function openBrowserWithPrograms(origin, scheme) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'istauth-'))
  const bin = path.join(folder, 'bin'), list = path.join(folder, 'opened')
  fs.mkdirSync(bin)
  for (const [name, line] of [['xdg-open', `printf '%s\\n' "$1" >>'${list}'`], ['xdg-settings', 'echo no'], ['xdg-mime', ':']])
    fs.writeFileSync(path.join(bin, name), `#!/bin/sh\n${line}\n`, { mode: 0o755 })
  const profile = path.join(folder, 'profile/Default')
  fs.mkdirSync(profile, { recursive: true })
  fs.writeFileSync(path.join(profile, 'Preferences'), JSON.stringify({
    protocol_handler: { allowed_origin_protocol_pairs: { [origin]: { [scheme]: true } } },
  }))
  const context = await chromium.launchPersistentContext(path.dirname(profile), {
    executablePath, args: flags, env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
  })
  watch(context)
  context.setDefaultTimeout(20_000)
  return {
    context,
    async opened() {
      // The shell makes the file before it writes the line.
      const read = () => fs.existsSync(list) ? fs.readFileSync(list, 'utf8') : ''
      for (let wait = 0; wait < 200 && !read().endsWith('\n'); wait++)
        await new Promise(resolve => setTimeout(resolve, 50))
      return read().split('\n').filter(line => line)
    },
    async close() {
      await context.close()
      fs.rmSync(folder, { recursive: true, force: true })
    },
  }
}
