// The server is killed at random moments while clients refresh. Afterwards every token that a client
// was given works, nothing that was spent works again, and no family has two live refresh tokens.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { assertHoldsNone } from '../lib/places.mjs'
import { seen } from '../lib/secrets.mjs'
import { Person } from '../lib/person.mjs'
import { startServer } from '../lib/server.mjs'
import { Family } from './load.mjs'

const FAMILIES = 8

// Half of the crashes are without a retry window, and half with one, in which nobody may lose a
// connection.
export const windows = [0, 60]

async function restart(server, place, window) {
  const port = new URL(server?.url ?? 'http://127.0.0.1:0').port || 0
  return startServer('--listen', `127.0.0.1:${port}`, '--store', place, '--refresh-retry-window', window)
}

// Load for a random moment, in which `crash` happens.
async function underLoad(families, crash) {
  const stop = new AbortController()
  const running = Promise.all(families.map(family => family.run(stop.signal)))
  await sleep(10 + Math.random() * 60)
  await crash()
  stop.abort()
  await running
}

export async function torment(t, data, window, crashes) {
  let server = await restart(undefined, data.place, window)
  t.after(() => server.stop())
  t.after(() => data.remove())
  let person = new Person(server)
  const families = Array.from({ length: FAMILIES }, () => new Family(person))
  await Promise.all(families.map(family => family.connect()))
  for (let n = 0; n < crashes.length; n++) {
    await underLoad(families, async () => { await crashes[n](server) })
    if (crashes[n] === killServer) {
      server = await restart(server, data.place, window)
      person = new Person(server) // sign-ins are in the server's memory
      for (const family of families) family.person = person
    } else {
      await settle(families)
    }
    assert.doesNotMatch(server.log(), /ist_(at|rt|ac)_/)
    data.check()
    await Promise.all(families.map(family => family.recover(window)))
    if (n % 4 === 3) await families[(n - 3) / 4 % FAMILIES].sacrifice()
  }
  assertHoldsNone(data.dump(), [...seen].filter(secret => secret.startsWith('ist_')))
  const sum = key => families.reduce((all, family) => all + family.stats[key], 0)
  t.diagnostic(`${crashes.length} crashes, ${sum('refreshed')} refreshes; ${sum('doubted')} without an answer, of which ${sum('repeated')} answered when asked again and ${sum('lost')} spent`)
  assert.ok(sum('refreshed') > crashes.length, 'there was load')
  if (window) assert.equal(sum('lost'), 0)
}

export const killServer = server => server.kill()

// The database comes back while the server runs on.
async function settle(families) {
  for (let tries = 0; ; tries++) {
    if (await families[0].lives().catch(() => 0) === 200) return
    assert.ok(tries < 200, 'the server does not find its database again')
    await sleep(50)
  }
}
