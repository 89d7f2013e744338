// Clients that refresh without pause, and what each of them knows: the pair that it holds, every
// credential that it has spent, and the refresh whose answer it never got.
import assert from 'node:assert/strict'
import { redeem, refresh, register, tool } from '../lib/oauth.mjs'

export class Family {
  // `person` is signed in at the server of the moment, as is everyone.
  constructor(person) {
    this.person = person
    this.stats = { refreshed: 0, doubted: 0, repeated: 0, lost: 0 }
  }

  get server() { return this.person.server }

  async connect() {
    this.client ??= await register(this.server)
    const pair = await this.person.connect(this.client)
    this.take(pair)
    this.code = { request: pair.request, code: pair.code }
    this.spent = []
    this.doubt = undefined
  }

  take({ access_token, refresh_token }) { this.access = access_token; this.token = refresh_token }

  // One refresh. An answer that is not one leaves a doubt: was it spent?
  async step() {
    const presented = this.token
    let answer
    try {
      answer = await refresh(this.server, this.client, presented)
    } catch { // the connection broke
      this.doubt = presented
      this.stats.doubted++
      return false
    }
    if (answer.status >= 500) {
      this.doubt = presented
      this.stats.doubted++
      return true
    }
    assert.equal(answer.status, 200, `a good refresh token was refused: ${JSON.stringify(answer.body)}`)
    this.take(answer.body)
    this.spent.push(presented)
    this.doubt = undefined
    this.stats.refreshed++
    return true
  }

  async run(signal) {
    while (!signal.aborted && await this.step());
  }

  async lives() { return (await tool(this.server, this.access, 'list_workspaces')).status }

  // After a crash: the access token that it was given works. What is in doubt is asked for again:
  // with a retry window it is answered; without one it may be spent, and then all of it is dead.
  async recover(window) {
    assert.equal(await this.lives(), 200, 'an access token that a client was given does not work')
    const doubted = this.doubt
    if (!doubted) return
    const { status, body } = await refresh(this.server, this.client, doubted)
    if (status === 200) {
      this.take(body)
      this.spent.push(doubted)
      this.doubt = undefined
      this.stats.repeated++
      assert.equal(await this.lives(), 200)
      return
    }
    assert.equal(window, 0, `within the window a lost answer is given again: ${JSON.stringify(body)}`)
    assert.deepEqual([status, body.error], [400, 'invalid_grant'])
    assert.equal(await this.lives(), 401, 'a reuse ends the family')
    this.stats.lost++
    await this.connect()
  }

  // What was spent long ago works neither, nor does its code; and then nothing of the family does.
  async sacrifice() {
    const old = this.spent.length > 1 && this.spent[Math.floor(Math.random() * (this.spent.length - 1))]
    if (old) {
      const { status, body } = await refresh(this.server, this.client, old)
      assert.deepEqual([status, body.error], [400, 'invalid_grant'], 'a spent refresh token works again')
    } else {
      const { status, body } = await redeem(this.server, this.code.request, this.code.code)
      assert.deepEqual([status, body.error], [400, 'invalid_grant'], 'a spent code works again')
    }
    assert.equal(await this.lives(), 401)
    const { status } = await refresh(this.server, this.client, this.token)
    assert.equal(status, 400, 'its last token lives on')
    await this.connect()
  }
}
