// CRASHES_POSTGRES says how often the server is killed, or, every other time, the database under it:
// one of its processes, upon which it starts anew, or every session.
import { test } from 'node:test'
import { PostgresDatabase } from '../lib/places.mjs'
import { killServer, torment, windows } from './torment.mjs'

const each = Math.ceil(Number(process.env.CRASHES_POSTGRES ?? 100) / windows.length)

for (const window of windows)
  test(`ST-02 ST-03 PostgreSQL, ${each} kills, retry window ${window} s`, { timeout: 86_400_000 }, t => {
    const data = new PostgresDatabase()
    const kinds = [killServer, () => data.killBackend(), killServer, () => data.terminateBackends()]
    return torment(t, data, window, Array.from({ length: each }, (_, n) => kinds[n % kinds.length]))
  })
