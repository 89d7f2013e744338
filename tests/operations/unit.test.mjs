// The systemd unit: systemd reads it without a complaint, finds it shut off, and the program takes the
// options in it.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { root } from '../lib/server.mjs'

const unit = fs.readFileSync(path.join(root, 'examples/isteam/isteam.service'), 'utf8')
const program = path.resolve(root, process.env.ISTEAM ?? 'build/isteam')
const here = spawnSync('systemd-analyze', ['--version']).status === 0

// The unit of a program that is where this one is.
function placed(t) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'istauth-unit-'))
  t.after(() => fs.rmSync(folder, { recursive: true }))
  const file = path.join(folder, 'isteam.service')
  fs.writeFileSync(file, unit.replaceAll('/usr/bin/isteam', program))
  return file
}

test('the program takes every option of the unit', () => {
  const [, line] = /^ExecStart=\/usr\/bin\/isteam (.*)$/m.exec(unit)
  const help = execFileSync(program, ['--help'], { encoding: 'utf8' })
  const options = line.match(/--[a-z-]+/g)
  assert.ok(options.length >= 4)
  for (const option of options) assert.match(help, new RegExp(`^  ${option} `, 'm'))
})

test('systemd has no complaint', { skip: !here && 'systemd is not here' }, t => {
  const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', placed(t)], { encoding: 'utf8' })
  assert.deepEqual([status, stdout, stderr], [0, '', ''])
})

// 10 is a service that may do everything.
test('systemd finds it shut off', { skip: !here && 'systemd is not here' }, t => {
  const { status, stdout } = spawnSync('systemd-analyze', ['security', '--offline=true', '--threshold=15', placed(t)], { encoding: 'utf8' })
  assert.equal(status, 0, stdout)
  assert.match(stdout, /Overall exposure level for isteam\.service: [01]\.\d/)
})
