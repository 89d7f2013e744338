// Durable places for the example's store: a SQLite file, and the database that tests/postgres runs. Both
// can be looked into from outside.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'

const twoLeaves = (tokens, of, grants, id) => `
  SELECT count(*) AS n FROM (SELECT t.${of} FROM ${tokens} t JOIN ${grants} g ON g.${id} = t.${of}
    WHERE t.kind = 2 AND NOT t.spent AND NOT t.revoked AND NOT g.revoked
    GROUP BY t.${of} HAVING count(*) > 1) AS doubles`

export class SqliteFile {
  static label = 'SQLite'
  constructor() {
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'istauth-'))
    this.file = path.join(this.folder, 'isteam.db')
    this.place = `sqlite:${this.file}`
  }

  // Sound, and no family with two live refresh tokens.
  check() {
    const db = new DatabaseSync(this.file)
    try {
      assert.deepEqual(db.prepare('PRAGMA integrity_check').all().map(row => Object.values(row)[0]), ['ok'])
      assert.deepEqual(db.prepare('PRAGMA foreign_key_check').all(), [])
      assert.equal(db.prepare(twoLeaves('istauth_token', 'grant_serial', 'istauth_grant', 'serial')).get().n, 0, 'a family has two live refresh tokens')
    } finally { db.close() }
  }

  // Every byte that is kept, those of rows that are gone included.
  dump() {
    return fs.readdirSync(this.folder).map(file => fs.readFileSync(path.join(this.folder, file), 'latin1')).join('\n')
  }

  remove() { fs.rmSync(this.folder, { recursive: true, force: true }) }
}

const pause = milliseconds => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)

// A server one of whose processes was killed starts anew: for a moment it takes nobody in, and whoever is
// in is sent away.
function patiently(ask) {
  for (let tries = 1; ; tries++)
    try {
      return ask()
    } catch (error) {
      if (tries === 200 || !/the database system is|terminating connection|server closed the connection|connection to server/.test(error.stderr)) throw error
      pause(50)
    }
}

export class PostgresDatabase {
  static label = 'PostgreSQL'
  constructor() {
    const keywords = process.env.ISTAUTH_TEST_POSTGRES
    assert.ok(keywords, 'ISTAUTH_TEST_POSTGRES is not set: run this under tests/postgres run')
    const { dbname, ...rest } = Object.fromEntries(keywords.split(' ').map(pair => pair.split('=')))
    this.place = `postgresql:///${dbname}?${new URLSearchParams(rest)}`
    this.query('DROP SCHEMA IF EXISTS istauth CASCADE')
  }

  query(sql) {
    return patiently(() => execFileSync('psql', ['-X', '-q', '-t', '-A', '-v', 'ON_ERROR_STOP=1', '-c', `SET client_min_messages = warning; ${sql}`, this.place], { encoding: 'utf8', stdio: 'pipe' }).trim())
  }

  check() { assert.equal(this.query(twoLeaves('istauth.tokens', 'grant_id', 'istauth.grants', 'grant_id')), '0', 'a family has two live refresh tokens') }

  dump() { return patiently(() => execFileSync('pg_dump', ['--schema=istauth', this.place], { encoding: 'latin1', maxBuffer: 1 << 28, stdio: 'pipe' })) }

  remove() { this.query('DROP SCHEMA IF EXISTS istauth CASCADE') }

  // One backend dies with whatever it holds; the postmaster then restarts all of them.
  killBackend() {
    const pid = this.query("SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1")
    try { if (pid) process.kill(Number(pid), 'SIGKILL') } catch { return } // it had ended by itself
    pause(100) // until the postmaster has noticed
    this.query('SELECT 1')
  }

  terminateBackends() {
    this.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()")
  }
}

// No credential that the tests have met stands in what was kept, as text or as the hexadecimal of it.
export function assertHoldsNone(dump, secrets) {
  const lower = dump.toLowerCase()
  for (const secret of secrets) {
    assert.ok(!dump.includes(secret), `a secret is kept: ${secret.slice(0, 10)}...`)
    assert.ok(!lower.includes(Buffer.from(secret).toString('hex')), `a secret is kept: ${secret.slice(0, 10)}...`)
  }
}
