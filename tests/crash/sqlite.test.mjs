// CRASHES_SQLITE says how often the server is killed.
import { test } from 'node:test'
import { SqliteFile } from '../lib/places.mjs'
import { killServer, torment, windows } from './torment.mjs'

const each = Math.ceil(Number(process.env.CRASHES_SQLITE ?? 200) / windows.length)

for (const window of windows)
  test(`ST-03 SQLite, killed ${each} times, retry window ${window} s`, { timeout: 86_400_000 }, t =>
    torment(t, new SqliteFile(), window, Array(each).fill(killServer)))
