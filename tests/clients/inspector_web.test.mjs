// MCP Inspector in Chromium: what a person clicks, from its list of servers to a tool's results. Its requests come
// from its own process behind the page; those from a page itself are in tests/browser/cors.test.mjs.
import { once } from 'node:events'
import path from 'node:path'
import { decide, openConsent } from '../lib/browser.mjs'
import { versionOf } from '../lib/matrix.mjs'
import { rememberAll } from '../lib/secrets.mjs'
import { root } from '../lib/server.mjs'
import { walk } from './walk.mjs'

const program = path.join(root, 'tests/clients/node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js')
const env = { MCP_AUTO_OPEN_ENABLED: 'false', MCP_INSPECTOR_SECRET_STORE: 'memory' }

async function open(desk, server) {
  const child = desk.start(process.execPath, [program, '--web', '--transport', 'http', '--server-url', server.mcp], { env })
  const home = await new Promise((resolve, reject) => {
    let text = ''
    child.stdout.setEncoding('utf8').on('data', piece => {
      const line = /http:\/\/127\.0\.0\.1:\d+\S*API_TOKEN=\w+/.exec(text += piece)
      if (line) resolve(line[0])
    })
    once(child, 'exit').then(() => reject(new Error(text)))
  })
  const origin = new URL(home).origin
  const page = await desk.window.newPage()
  const tools = page.getByText('Tools', { exact: true }).first(), authorize = page.getByRole('button', { name: 'Authorize' })
  const here = locator => locator.waitFor().then(() => locator)
  const away = () => page.waitForURL(url => url.origin === server.url).then(() => 'away')

  // It leaves for the server in the same tab, and comes back.
  async function answer() {
    const url = page.url()
    desk.opened.push(url)
    const back = page.waitForRequest(request => request.isNavigationRequest() && request.url().startsWith(`${origin}/oauth/callback`))
    await openConsent(page, url)
    await decide(page, desk.choice)
    desk.answer = rememberAll(new URL((await back).url()).searchParams)
    await here(tools)
  }

  async function connect() {
    await page.goto(home)
    await page.getByRole('switch').first().click({ force: true })
    await away()
    await answer()
  }

  // To another tool and back, so that no earlier result is on the page.
  async function execute(name, args) {
    await tools.click()
    await page.getByText('get_chat_history', { exact: true }).click()
    await page.getByText(name, { exact: true }).first().click()
    for (const [field, value] of Object.entries(args)) await page.getByLabel(new RegExp(`^${field}\\b`, 'i')).first().fill(value)
    await page.getByRole('button', { name: 'Execute Tool' }).click()
    return Promise.any([here(page.getByText('Results', { exact: true })), here(authorize), away()])
  }

  let connected
  return {
    async call(name, args = {}) {
      await (connected ??= connect())
      let seen = await execute(name, args)
      if (seen === authorize) {
        await authorize.click()
        seen = await away()
      }
      if (seen === 'away') {
        await answer()
        seen = await execute(name, args)
      }
      const text = await page.locator('body').innerText()
      if (!/"(workspaces|cards?)":/.test(text)) throw new Error(text)
      return text
    },
  }
}

walk({ id: 'inspector_web', name: 'MCP Inspector, in Chromium', version: versionOf('@modelcontextprotocol/inspector', 'tests/clients') }, open, {
  step_up: 'yes, it asks the person for more',
  revoke: 'asks the person again, under the same registration',
})
