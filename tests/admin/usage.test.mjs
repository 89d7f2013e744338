// token_admin's command line, and stores that cannot be used.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, test } from 'node:test'
import { Admin } from '../lib/admin.mjs'
import { register } from '../lib/oauth.mjs'
import { SqliteFile } from '../lib/places.mjs'
import { startServer } from '../lib/server.mjs'

describe('the command line, and stores that cannot be used', () => {
  let place, admin
  before(async () => {
    place = new SqliteFile()
    const server = await startServer('--store', place.place)
    await register(server)
    await server.stop()
    admin = new Admin(place.place)
  })
  after(() => place.remove())

  test('help teaches, and is asked for', () => {
    const help = new Admin().good('--help')
    for (const word of ['client list', 'subject disconnect', 'token make', 'purge', '--json', '--store', 'ISTAUTH_STORE']) assert.ok(help.includes(word), word)
  })

  test('a wrong command line is 2, says why and does nothing', () => {
    for (const words of [[], ['client'], ['client', 'lists'], ['clients'], ['client', 'show'], ['client', 'show', 'a', 'b'], ['purge', 'x'],
      ['subject', 'revoke'], ['subject', 'revoke', ''], ['subject', 'disconnect', 'person_ada'], ['token', 'revoke', 'person_ada'],
      ['client', 'list', '--limit', '0'], ['client', 'list', '--limit', '10001'], ['client', 'list', '--limit', '5x'], ['client', 'list', '--limit', ''],
      ['client', 'list', '--nonsense'], ['client', 'list', '--after', 'ä'], ['client', 'grants', admin.json('client', 'list').clients[0].client_id, '--after', 'x'],
      ['token', 'make', 'person_ada'], ['token', 'make', 'person_ada', '--name', 'x', '--scopes', 'mcp'],
      ['token', 'make', 'person_ada', '--name', 'x', '--scopes', 'm"cp', '--resource', 'https://a.example/mcp'],
      ['token', 'make', 'person_ada', '--name', 'x', '--scopes', 'mcp', '--resource', 'no URL'],
      ['token', 'make', 'person_ada', '--name', 'a\nb', '--scopes', 'mcp', '--resource', 'https://a.example/mcp'],
      ['token', 'make', 'person_ada', '--name', 'x', '--scopes', 'mcp', '--resource', 'https://a.example/mcp', '--days', '-1']])
      admin.bad(2, /token_admin: |try --help/, ...words)
    assert.deepEqual(admin.json('token', 'list', 'person_ada').tokens, [])
  })

  test('without a store, or with one of another kind, it says which there are', () => {
    new Admin().bad(2, /--store takes one of .*sqlite:FILE/, 'client', 'list')
    new Admin('oracle:x').bad(2, /--store takes one of/, 'client', 'list')
    assert.equal(new Admin(undefined, { ISTAUTH_STORE: place.place }).json('client', 'list').clients.length, 1)
    assert.deepEqual(new Admin('memory:').json('client', 'list').clients, [])
  })

  test('a file that is not there is not made', () => {
    const missing = path.join(place.folder, 'isteam.bd')
    new Admin(`sqlite:${missing}`).bad(1, /cannot open the store: there is no such file/, 'client', 'list')
    assert.ok(!fs.existsSync(missing))
    new Admin('sqlite:').bad(1, /cannot open the store/, 'client', 'list')
  })

  test('a file of something else, of a newer library, or that is damaged is left alone', () => {
    const other = path.join(place.folder, 'other.db')
    fs.writeFileSync(other, 'a text\n'.repeat(500))
    new Admin(`sqlite:${other}`).bad(1, /cannot open the store: /, 'client', 'list')
    assert.match(fs.readFileSync(other, 'utf8'), /^a text/)
    const newer = path.join(place.folder, 'newer.db')
    fs.copyFileSync(place.file, newer)
    const db = new DatabaseSync(newer)
    db.exec('PRAGMA user_version = 99')
    db.close()
    new Admin(`sqlite:${newer}`).bad(1, /made by a newer libistauth \(schema 99/, 'client', 'list')
  })

  // Both wait for as long as the store's patience lasts.
  test('a store that is locked, or not there, is a failure and not an empty one', async () => {
    const child = spawn(process.execPath, ['-e', `
      const { DatabaseSync } = require('node:sqlite')
      const db = new DatabaseSync(${JSON.stringify(place.file)})
      db.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
      console.log('locked')
      process.stdin.resume()`], { stdio: ['pipe', 'pipe', 'inherit'] })
    await once(createInterface(child.stdout), 'line')
    await Promise.all([
      admin.badLater(1, /store/, 'subject', 'revoke', 'person_ada'),
      new Admin('postgresql://u:hunter2hunter2@127.0.0.1:9/x').badLater(1, /^(?!.*hunter2).*cannot open the store/s, 'client', 'list'),
    ])
    child.kill()
    await once(child, 'exit')
    assert.equal(admin.json('client', 'list').clients.length, 1)
  })
})
