// What most tests of pages stand on: one server, one browser and one client's listener for a file,
// and a window of its own for each test. `ready` is handed them before the first test.
import { after, before } from 'node:test'
import { openBrowser, openWindow } from './browser.mjs'
import { authorization, listen, register } from './oauth.mjs'
import { startServer } from './server.mjs'

export function stage(ready) {
  const set = {
    async window(t, options) {
      const context = await openWindow(set.browser, options)
      t.after(() => context.close())
      return context.newPage()
    },
    // A newly registered client, and an authorization request of it.
    async request(metadata = {}, parameters = {}) {
      const client = await register(set.server, { redirect_uris: [set.client.url], ...metadata })
      return authorization(set.server, client, parameters)
    },
  }
  before(async () => {
    set.browser = await openBrowser()
    set.server = await startServer()
    set.client = await listen()
    ready(set)
  })
  after(async () => {
    await set.browser?.close()
    await set.client?.close()
    await set.server?.stop()
  })
  return set
}
